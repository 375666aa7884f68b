package io.chainrule.core.grade;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What texts call the nodes of a sheet. */
final class Terms {
    private static final int LONGEST_TEXT = 30;

    private final Sheet sheet;
    private final Map<Integer, String> ids = new HashMap<>();
    /** The ops that the user wrote, by the last node of each in the opened program. */
    private final TreeMap<Integer, String> ops = new TreeMap<>();
    private final Set<Integer> named = new HashSet<>();
    /** The names of lines and inputs, by node. */
    private final Map<Integer, String> names = new LinkedHashMap<>();
    private final Map<Integer, Optional<String>> written = new HashMap<>();

    Terms(Sheet sheet, NamedGraph program) {
        this.sheet = sheet;
        for (int i = 0; i < program.graph().size(); i++) {
            ids.putIfAbsent(sheet.image(i), program.id(i));
            if (!program.graph().isLeaf(i)) {
                ops.putIfAbsent(sheet.image(i), program.graph().op(i).name());
            }
            if (program.isNamed(i)) {
                named.add(sheet.image(i));
                names.put(sheet.image(i), program.id(i));
            }
        }
    }

    /** The name of a node; where it has none, what it computes, or its op. */
    String name(int node) {
        String id = ids.get(node);
        if (id != null && named.contains(node)) {
            return id;
        } else if (sheet.node(node).op() instanceof Leaf.Literal(double value)) {
            return Texts.number(value);
        }
        String text = written(node);
        return text != null ? text : id != null ? id : op(node);
    }

    /** What a node computes; null if that is no short text. */
    private @Nullable String written(int node) {
        return written.computeIfAbsent(node, any -> Optional.ofNullable(new Writing(sheet, names).text(sheet.node(any)))
                .filter(text -> text.length() <= LONGEST_TEXT)).orElse(null);
    }

    /** The name of a node, or its op where it has none. */
    String gate(int node) {
        return named.contains(node) ? name(node) : op(node);
    }

    /** The op of a node, or the one that the user wrote and that it is a part of. */
    String op(int node) {
        Map.Entry<Integer, String> written = node < sheet.size() ? ops.ceilingEntry(node) : null;
        return written == null ? sheet.node(node).op().name() : written.getValue();
    }

    String upstream() {
        return "upstream";
    }

    /** The name of a factor that a user can read: an input, a line, a number, or a short text; none for other nodes. */
    String[] factor(int node) {
        boolean isReadable = named.contains(node) || sheet.node(node).literal().isPresent() || written(node) != null;
        return isReadable ? new String[]{name(node)} : new String[0];
    }

    /** One over a factor of this name. */
    String[] inverse(String name) {
        return new String[]{"1/" + guarded(name)};
    }

    /** A text that can be an operand. */
    String guarded(String name) {
        return name.matches("[\\w.]+(\\([^()]*\\))?") ? name : "(" + name + ")";
    }

    /** The way from a node to the output, where it is read there itself; else the node that reads it. */
    String way(Claim claim, int reader) {
        return reader == sheet.image(claim.of()) ? name(sheet.image(claim.by())) + " → " + name(reader) : name(reader);
    }

    /** The ways that a sum leaves out; {@code kept} has a bit for each part that it has. */
    String without(Claim claim, List<Map.Entry<Integer, Node>> parts, int kept) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if ((kept >> i & 1) == 0) {
                names.add(way(claim, parts.get(i).getKey()));
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
