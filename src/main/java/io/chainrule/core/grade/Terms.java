package io.chainrule.core.grade;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** What texts call the nodes of a sheet. */
final class Terms {
    private final Sheet sheet;
    private final Map<Integer, String> ids = new HashMap<>();
    private final Set<Integer> named = new HashSet<>();

    Terms(Sheet sheet, NamedGraph program) {
        this.sheet = sheet;
        for (int i = 0; i < program.graph().size(); i++) {
            ids.putIfAbsent(sheet.image(i), program.id(i));
            if (program.isNamed(i)) {
                named.add(sheet.image(i));
            }
        }
    }

    /** The id of a node, or its op where it is inside a gate. */
    String name(int node) {
        String id = ids.get(node);
        return id != null
                ? id
                : sheet.node(node).op() instanceof Leaf.Literal(double value) ? Texts.number(value) : sheet.node(node).op().name();
    }

    String upstream() {
        return "upstream";
    }

    /** The name of a factor that a user can read: an input, a line, or a number; none for other nodes. */
    String[] factor(int node) {
        boolean isReadable = named.contains(node) || sheet.node(node).literal().isPresent();
        return isReadable ? new String[]{name(node)} : new String[0];
    }

    /** The ways that a sum leaves out; {@code kept} has a bit for each part that it has. */
    String without(List<Map.Entry<Integer, Node>> parts, int kept) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if ((kept >> i & 1) == 0) {
                names.add(name(parts.get(i).getKey()));
            }
        }
        return String.join(", ", names);
    }

    /** Whether an op chooses between its operands, or between an operand and a constant. */
    boolean isChoice(int node) {
        Node view = sheet.node(node);
        return view.op().kink(view) != null || IntStream.range(0, view.operandCount()).anyMatch(view.op()::ignores);
    }

    boolean isTruthValue(int node) {
        return OpCatalogue.has(sheet.node(node).op(), Trait.TRUTH_VALUE);
    }
}
