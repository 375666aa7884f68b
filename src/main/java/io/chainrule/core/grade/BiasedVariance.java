package io.chainrule.core.grade;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The guess that a line is right of variances that divide by n, as NumPy's do, where the program's divide by n − 1. */
final class BiasedVariance {
    private final Sheet sheet;
    private final BackwardPass pass;

    BiasedVariance(Sheet sheet, BackwardPass pass) {
        this.sheet = sheet;
        this.pass = pass;
    }

    /** Computes the claim and the true derivative once more; null where no variance is on the way. */
    @Nullable
    Guess of(Claim claim) {
        Map<Integer, Integer> biased = biased();
        BitSet sources = new BitSet();
        biased.keySet().forEach(sources::set);
        BitSet behind = Activity.dependents(sheet.graph(), sheet.graph().size(), sources);
        int of = sheet.image(claim.of());
        int by = sheet.image(claim.by());
        if (!behind.get(of)) {
            return null;
        }
        Node line = sheet.replaced(sheet.image(claim.node()), biased, behind);
        Node output = sheet.replaced(of, biased, behind);
        if (line == null || output == null || behind.get(by)) {
            return null;
        }
        BitSet wrt = new BitSet();
        wrt.set(by);
        int derivative = ReverseMode.cotangents(sheet.graph(), sheet.builder(), Map.of(output.index(), sheet.seed(claim.of())), wrt)[by];
        return derivative == Sheet.NONE || !sheet.node(derivative).shape().equals(line.shape())
                ? null
                : new Guess(Mistake.UNBIASED_VARIANCE, line, sheet.node(derivative), List.of());
    }

    /** What variances and deviations that divide by n − 1 would be if they divided by n, by node. */
    private Map<Integer, Integer> biased() {
        Graph program = pass.graph();
        Map<Integer, Integer> biased = new HashMap<>();
        for (int i = 0; i < program.size(); i++) {
            String op = program.op(i).name();
            boolean isDeviation = op.equals("std");
            if ((isDeviation || op.equals("var")) && program.op(i).attributes().getOrDefault("correction", 1.0).equals(1.0)) {
                Node value = sheet.node(sheet.image(i));
                double count = sheet.node(sheet.image(program.operand(i, 0))).shape().size() / (double) value.shape().size();
                double ratio = (count - 1) / count;
                biased.put(value.index(), Maths.mul(isDeviation ? Math.sqrt(ratio) : ratio, value).index());
            }
        }
        return biased;
    }
}
