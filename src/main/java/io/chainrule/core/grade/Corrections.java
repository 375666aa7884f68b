package io.chainrule.core.grade;

import io.chainrule.core.expression.Misfit;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.rewrite.Gates;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Lines with the true gradients in place of the claims that they read. */
final class Corrections {
    private static final String INPUT = "x";

    private Corrections() {}

    /** Returns the corrected line. Null where it reads no claim, or cannot be computed from the true gradients either. */
    static @Nullable Node of(Sheet sheet, Graph program, Claim claim, Map<Claim, Node> truths) {
        Claim line = computed(claim);
        Map<Integer, Integer> others = new HashMap<>();
        List<Claim> read = line == null ? List.of() : sheet.read(line);
        if (line == null || read.isEmpty()) {
            return null;
        }
        BitSet own = sheet.ownNodes(line, sheet.claimNodes());
        read.forEach(other -> others.put(sheet.valueOf(other, own), truth(other, truths).index()));
        Node replaced = Sheet.attempt(() -> sheet.replaced(sheet.image(line.node()), others, sheet.own(line)));
        return replaced != null ? replaced : Sheet.attempt(() -> written(sheet, program, line, read, truths));
    }

    /** The claim where its line can be computed, if only from claims that have the shapes of their derivatives; null where it cannot. */
    static @Nullable Claim computed(Claim claim) {
        Misfit misfit = claim.misfit();
        return misfit == null ? claim : misfit.full() == Misfit.NONE ? null : claim.at(misfit.full());
    }

    private static Node truth(Claim claim, Map<Claim, Node> truths) {
        return Objects.requireNonNull(truths.get(claim));
    }

    /** Evaluates the line as it is written once more: operands of other shapes make other ops of a gate. */
    private static Node written(Sheet sheet, Graph program, Claim line, List<Claim> read, Map<Claim, Node> truths) {
        Map<Integer, Integer> known = new HashMap<>();
        read.forEach(other -> {
            known.put(other.node(), truth(other, truths).index());
            known.put(other.standIn(), truth(other, truths).index());
        });
        BitSet needed = new BitSet();
        needed.set(line.node());
        for (int i = line.node(); i >= 0; i = needed.previousSetBit(i - 1)) {
            if (sheet.isForward(sheet.image(i))) {
                known.put(i, sheet.image(i));
            }
            for (int k = 0; k < program.operandCount(i) && !known.containsKey(i); k++) {
                needed.set(program.operand(i, k));
            }
        }
        GraphBuilder alone = GraphBuilder.withShapes();
        int[] image = new int[program.size()];
        Map<String, Integer> inputs = new HashMap<>();
        needed.stream().forEach(i -> {
            int from = known.getOrDefault(i, program.op(i) instanceof Leaf.Input ? sheet.image(i) : Sheet.NONE);
            if (from != Sheet.NONE) {
                image[i] = alone.input(INPUT + i, sheet.node(from).shape()).index();
                inputs.put(INPUT + i, from);
            } else if (program.isLeaf(i)) {
                image[i] = alone.copy(program, i, image);
            } else {
                int[] operands = IntStream.range(0, program.operandCount(i)).map(k -> image[program.operand(i, k)]).toArray();
                image[i] = alone.add(program.op(i), operands);
            }
        });
        return opened(sheet.builder(), alone.build(), image[line.node()], inputs);
    }

    /** Appends a node of a small graph, gates opened, whose inputs are these nodes. */
    static Node opened(GraphBuilder builder, Graph graph, int result, Map<String, Integer> inputs) {
        Gates.Expansion opened = Gates.expand(graph, Allowance.UNBOUNDED);
        int[] at = new int[opened.graph().size()];
        for (int i = 0; i < at.length; i++) {
            at[i] = opened.graph().op(i) instanceof Leaf.Input(String id, var _)
                    ? Objects.requireNonNull(inputs.get(id))
                    : builder.copy(opened.graph(), i, at);
        }
        return builder.node(at[opened.image()[result]]);
    }
}
