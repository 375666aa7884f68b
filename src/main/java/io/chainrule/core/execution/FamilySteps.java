package io.chainrule.core.execution;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.kernel.Kernels.Family;
import io.chainrule.core.op.Elementwise;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Steps that one loop computes, because their functions are of one family and of the same value: a function and its derivative, which share
 * an exponential. They follow each other as their functions do in the family.
 *
 * @param first the first of the steps
 * @param numbers the numbers of the steps' functions in the family
 */
record FamilySteps(Family family, int first, int[] numbers) {

    /** The place of a step's function in its family. */
    private record Member(Family family, int number) {
        static @Nullable Member of(BlockStep step) {
            if (step instanceof BlockStep.Elements(int _, Elementwise op) && op.unary() != null) {
                Family family = Family.of(op.unary());
                return family == null ? null : new Member(family, family.functions().indexOf(op.unary()));
            }
            return null;
        }
    }

    private record Use(int operand, Family family) {}

    /**
     * Moves steps that one loop can compute to the first of them. Each step still comes after those that it reads.
     *
     * @param graph the graph in which operands are the nodes that are read
     */
    static BlockStep[] order(Graph graph, Collection<BlockStep> steps) {
        Map<Object, SortedMap<Integer, BlockStep>> together = new LinkedHashMap<>();
        for (BlockStep step : steps) {
            Member member = Member.of(step);
            boolean isMoved = member != null && together
                    .computeIfAbsent(new Use(graph.operand(step.node(), 0), member.family), _ -> new TreeMap<>())
                    .putIfAbsent(member.number, step) == null;
            if (!isMoved) {
                together.put(step, new TreeMap<>(Map.of(0, step)));
            }
        }
        return together.values().stream().flatMap(each -> each.values().stream()).toArray(BlockStep[]::new);
    }

    /**
     * Finds the steps that one loop computes: for each of them what it is computed with, and null for other steps.
     *
     * @param operands for each step, the numbers of the values that it reads
     */
    static @Nullable FamilySteps[] find(BlockStep[] steps, int[][] operands) {
        @Nullable
        Member[] members = Arrays.stream(steps).map(Member::of).toArray(Member[]::new);
        @Nullable
        FamilySteps[] found = new FamilySteps[steps.length];
        for (int first = 0, end; first < steps.length; first = end) {
            end = first + 1;
            while (end < steps.length && isBefore(members[end - 1], members[end]) && operands[end][0] == operands[first][0]) {
                end++;
            }
            Member member = members[first];
            if (member != null && end > first + 1) {
                int[] numbers = Arrays.stream(members, first, end).mapToInt(Member::number).toArray();
                Arrays.fill(found, first, end, new FamilySteps(member.family, first, numbers));
            }
        }
        return found;
    }

    private static boolean isBefore(@Nullable Member one, @Nullable Member other) {
        return one != null && other != null && one.family == other.family && one.number < other.number;
    }

    int last() {
        return first + numbers.length - 1;
    }
}
