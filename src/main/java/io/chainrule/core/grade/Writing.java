package io.chainrule.core.grade;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.op.Maths;
import io.chainrule.core.print.ExpressionPrinter;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes nodes of a sheet as text in terms of nodes that have names. */
final class Writing {
    private static final int MOST_NODES = 200;
    private static final Pattern ONE_AXIS = Pattern.compile("axis=\\[(-?[0-9]+)]");
    private static final Pattern EXPONENT = Pattern.compile("(?<=[0-9])(?:\\.0)?E(?=-?[0-9])");

    private final Sheet sheet;
    private final Map<Integer, String> names;

    /** {@code names} are those that a text may use, by node. */
    Writing(Sheet sheet, Map<Integer, String> names) {
        this.sheet = sheet;
        this.names = names;
    }

    /**
     * A value as a graph over inputs.
     *
     * @param read the node of the sheet that each input is
     */
    record Extract(Graph graph, int result, Map<String, Integer> read) {}

    /** A value as a graph over inputs that are the nodes with names; {@code originals} are nodes by copies that have the same values. */
    Extract extracted(Node value, Map<Integer, Integer> originals) {
        Map<String, Integer> read = new LinkedHashMap<>();
        Graph all = sheet.graph();
        BitSet needed = new BitSet();
        needed.set(value.index());
        for (int i = value.index(); i >= 0; i = needed.previousSetBit(i - 1)) {
            int known = originals.getOrDefault(i, i);
            for (int k = 0; k < all.operandCount(i) && !names.containsKey(known); k++) {
                needed.set(all.operand(i, k));
            }
        }
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] image = new int[value.index() + 1];
        needed.stream().forEach(i -> {
            int known = originals.getOrDefault(i, i);
            String name = names.get(known);
            if (name != null) {
                Integer before = read.get(name);
                image[i] = before != null ? image[before] : builder.input(name, all.shape(i)).index();
                read.putIfAbsent(name, i);
            } else if (all.op(i).name().equals("reciprocal") && !all.isLiteral(all.operand(i, 0))) {
                image[i] = Maths.div(builder.literal(1), builder.node(image[all.operand(i, 0)])).index();
            } else {
                image[i] = builder.copy(all, i, image);
            }
        });
        return new Extract(builder.build(), image[value.index()], read);
    }

    /** What a node without a name computes; null if that is no text on one line that a person would write. */
    @Nullable
    String text(Node node) {
        Extract extract = extracted(node, Map.of());
        boolean isPlain = extract.graph().size() <= MOST_NODES && Handwriting.unusual(extract.graph()) == 0;
        return isPlain ? text(extract.graph(), extract.read().keySet()) : null;
    }

    /** The text of a graph whose last node is the result; null if it is not on one line. */
    static @Nullable String text(Graph form, Set<String> inputs) {
        @Nullable
        String[] ids = new String[form.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = form.op(i) instanceof Leaf.Input(String id, var _) ? id : null;
        }
        ProgramText text = ExpressionPrinter.write(new NamedGraph(form, form.size() - 1, ids, _ -> null), inputs);
        boolean isLine = !text.expression().contains("\n") && text.renamedInputs().isEmpty();
        return isLine ? EXPONENT.matcher(ONE_AXIS.matcher(text.expression()).replaceAll("axis=$1")).replaceAll("e") : null;
    }
}
