package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The inputs at which a backward pass is marked: the user's, and random ones. Random ones keep whole numbers, labels and probabilities what
 * they are, and stay where the forward pass and its gradients are finite if they are so at the user's. The same request has the same ones.
 */
final class Points {
    private static final long SEED = 0x5eed;
    private static final int FREE_POINTS = 8;
    private static final int LIKE_POINTS = 3;
    private static final int SOFT_POINTS = 2;
    private static final int PROBES = 6;
    /** Places of the plan that have no spread; each input has both signs at them. */
    private static final int[] SIGN_PROBES = {0, 1, 2, 4};
    private static final int ATTEMPTS = 4;
    /**
     * Each input, and each product of two, has both signs at some of the free points: signs of input k at point p by parity of p &
     * CODES[k].
     */
    private static final int[] CODES = {1, 2, 4, 7, 3, 5, 6};
    /** How much further single numbers are spread at each free point, so that bounds are crossed. */
    private static final int[] SPREAD = {1, 1, 1, 3, 1, 3, 4, 4};

    private final Runs runs;
    private final BitSet watched;
    private final Map<Integer, Tensor> given;
    private final Map<Integer, InputKind> kinds = new LinkedHashMap<>();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<Integer, Tensor> values;
    private final Map<Integer, double[]> signs = new HashMap<>();
    private final List<Integer> order;

    /**
     * @param graph a graph without composite ops
     * @param size the number of nodes in front that are the program
     * @param given the values of the inputs by node
     * @param watched the nodes that have to stay finite
     */
    Points(Graph graph, int size, Map<Integer, Tensor> given, BitSet watched, Runner runner) {
        this.runs = new Runs(graph, watched, runner);
        this.watched = watched;
        this.given = given;
        this.values = runs.at(given);
        this.order = given.keySet().stream().sorted().toList();
        BitSet indices = indices(graph, size);
        given.forEach((node, value) -> kinds.put(node,
                indices.get(node) ? InputKind.MIXED : InputKind.of(((Leaf.Input) graph.op(node)).id(), value)));
    }

    /** The inputs that ops read as indices or labels. What an argmax or a comparison reads is none, though its result may be an index. */
    private static BitSet indices(Graph graph, int size) {
        BitSet read = new BitSet();
        for (int i = size - 1; i >= 0; i--) {
            OpDefinition definition = OpCatalogue.find(graph.op(i).name());
            Integer checked = definition == null ? null : definition.checkedOperand();
            for (int k = 0; k < graph.operandCount(i); k++) {
                boolean isIndex = checked != null && checked == k || read.get(i) && !graph.op(i).ignores(k);
                read.set(graph.operand(i, k), isIndex || read.get(graph.operand(i, k)));
            }
        }
        return read;
    }

    /** The user's inputs, and then random ones. */
    List<Map<Integer, Tensor>> all() {
        List<Map<Integer, Tensor>> all = new ArrayList<>(List.of(given));
        Map<Integer, InputKind> free = alone(kinds);
        addUpTo(FREE_POINTS, free, all);
        Map<Integer, InputKind> like = new LinkedHashMap<>(free);
        like.replaceAll((_, kind) -> kind == InputKind.FREE ? InputKind.LIKE : kind);
        addUpTo(FREE_POINTS + LIKE_POINTS, alone(like), all);
        return all;
    }

    /** Returns, for each input that holds labels, points at which this input has values between the labels. */
    Map<Integer, List<Map<Integer, Tensor>>> soft() {
        Map<Integer, List<Map<Integer, Tensor>>> soft = new LinkedHashMap<>();
        kinds.forEach((input, kind) -> {
            InputKind softened = kind.softened();
            for (int i = 0; i < SOFT_POINTS && softened != null; i++) {
                Map<Integer, Tensor> point = draw(Map.of(input, softened));
                if (staysFinite(point)) {
                    soft.computeIfAbsent(input, _ -> new ArrayList<>()).add(point);
                }
            }
        });
        return soft;
    }

    /** How freely each input can be drawn while the others stay as they are given. */
    private Map<Integer, InputKind> alone(Map<Integer, InputKind> wanted) {
        Map<Integer, InputKind> found = new LinkedHashMap<>(wanted);
        found.replaceAll((node, kind) -> {
            InputKind possible = kind;
            while (possible.canBeNearer() && !isPossible(Map.of(node, possible))) {
                possible = possible.nearer();
            }
            return possible;
        });
        // Inputs that are at the edge of a domain together may have to leave it together.
        Map<Integer, InputKind> together = new LinkedHashMap<>(found);
        together.replaceAll((_, kind) -> kind == InputKind.SAME ? InputKind.ABOVE : kind);
        return !together.equals(found) && isPossible(together) ? together : found;
    }

    private boolean isPossible(Map<Integer, InputKind> drawn) {
        for (int probe = 0; probe < PROBES; probe++) {
            if (!staysFinite(probe < SIGN_PROBES.length ? planned(drawn, SIGN_PROBES[probe]) : draw(drawn))) {
                return false;
            }
        }
        return true;
    }

    private void addUpTo(int count, Map<Integer, InputKind> wanted, List<Map<Integer, Tensor>> all) {
        Map<Integer, InputKind> drawn = wanted;
        while (all.size() <= count) {
            Map<Integer, Tensor> point = finite(drawn, all.size() - 1);
            boolean canBeNearer = drawn.values().stream().anyMatch(InputKind::canBeNearer);
            if (point != null) {
                all.add(point);
            } else if (canBeNearer) {
                drawn = new LinkedHashMap<>(drawn);
                drawn.replaceAll((_, kind) -> kind.canBeNearer() ? kind.nearer() : kind);
            } else {
                return;
            }
        }
    }

    private @Nullable Map<Integer, Tensor> finite(Map<Integer, InputKind> drawn, int place) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Map<Integer, Tensor> point = attempt < ATTEMPTS / 2 ? planned(drawn, place) : draw(drawn);
            if (staysFinite(point)) {
                return point;
            }
        }
        return null;
    }

    private Map<Integer, Tensor> draw(Map<Integer, InputKind> drawn) {
        Map<Integer, Tensor> point = new HashMap<>(given);
        drawn.forEach((node, kind) -> point.put(node, kind.draw(Objects.requireNonNull(given.get(node)), random)));
        return point;
    }

    /** Free numbers with the signs and the spread of a place in the plan. */
    private Map<Integer, Tensor> planned(Map<Integer, InputKind> drawn, int place) {
        Map<Integer, Tensor> point = new HashMap<>(given);
        drawn.forEach((node, kind) -> {
            Tensor value = Objects.requireNonNull(given.get(node));
            double[] own = signs.computeIfAbsent(node, _ -> random.doubles(value.length()).map(x -> x < 0.5 ? -1 : 1).toArray());
            int spread = value.length() == 1 ? SPREAD[place % SPREAD.length] : 1;
            int code = CODES[order.indexOf(node) % CODES.length];
            double flip = Integer.bitCount(place & code) % 2 == 0 ? spread : -spread;
            point.put(node, kind.draw(value, random, own, flip));
        });
        return point;
    }

    private boolean staysFinite(Map<Integer, Tensor> point) {
        Map<Integer, Tensor> found = runs.attempt(point);
        return found != null && watched.stream()
                .allMatch(node -> isFinite(found, node) || !isFinite(values, node));
    }

    private static boolean isFinite(Map<Integer, Tensor> values, int node) {
        return Objects.requireNonNull(values.get(node)).isFinite();
    }
}
