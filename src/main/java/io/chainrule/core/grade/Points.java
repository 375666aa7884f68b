package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The inputs at which a backward pass is marked: the user's, and random ones. Random ones keep what {@link InputRoles} says that the inputs
 * are, and stay where the forward pass and its gradients are finite if they are so at the user's. The same request has the same ones.
 */
final class Points {
    private static final long SEED = 0x5eed;
    private static final int FREE_POINTS = 8;
    private static final int LIKE_POINTS = 3;
    private static final int SOFT_POINTS = 2;
    /** The most inputs of which the other sign is tried, and the most of which it is tried what lines use of them. */
    private static final int MOST_FREED = 24;
    private static final int MOST_SOFT = 64;
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
    /** How much further all numbers are spread where a comparison has had one outcome only. */
    private static final int[] FAR_SPREAD = {3, 8, 25, 80, 250, 1000};
    private static final int FAR_PLACES = 4;
    private static final int FAR_POINTS = 6;

    private final Runs runs;
    private final Branches branches;
    private final BitSet watched;
    private final Map<Integer, Tensor> given;
    private final Map<Integer, InputKind> kinds;
    private final Map<Integer, Integer> counts = new HashMap<>();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<Integer, Tensor> values;
    private final Map<Integer, double[]> signs = new HashMap<>();
    private final List<Integer> order;

    /**
     * @param sheet has no composite ops
     * @param given the values of the inputs by node
     * @param watched the nodes that have to stay finite
     */
    Points(Sheet sheet, BackwardPass pass, Map<Integer, Tensor> given, BitSet watched, Runner runner) {
        InputRoles roles = new InputRoles(sheet, pass, given);
        this.kinds = roles.kinds();
        this.branches = new Branches(sheet, given, kinds);
        BitSet results = (BitSet) watched.clone();
        results.or(branches.nodes());
        this.runs = new Runs(sheet.graph(), results, runner);
        this.watched = watched;
        this.given = given;
        this.values = runs.at(given);
        branches.observe(values);
        this.order = given.keySet().stream().sorted().toList();
        kinds.replaceAll((node, kind) -> {
            if (kind != InputKind.INDEX) {
                return kind;
            }
            int count = count(node, roles.isChecked(node) ? sheet : null);
            counts.put(node, count);
            return isPermutation(Objects.requireNonNull(given.get(node)), count) ? InputKind.PERMUTED : InputKind.INDEX;
        });
    }

    /** One more than the largest index that is possible at all places of an input; {@code sheet} is null where none is refused. */
    private int count(int node, @Nullable Sheet sheet) {
        Tensor value = Objects.requireNonNull(given.get(node));
        int largest = (int) Arrays.stream(value.data()).max().orElse(0);
        Stream<Integer> lengths = sheet == null
                ? Stream.of()
                : Stream.iterate(0, i -> i < sheet.size(), i -> i + 1).flatMap(i -> sheet.node(i).shape().toList().stream());
        return lengths.distinct().filter(length -> length > largest + 1).sorted((a, b) -> b - a).limit(ATTEMPTS)
                .filter(length -> isPossible(node, value, length - 1)).findFirst().orElse(largest + 1);
    }

    private static boolean isPermutation(Tensor value, int count) {
        return count > 1 && value.length() == count && Arrays.stream(value.data()).distinct().count() == count;
    }

    private boolean isPossible(int node, Tensor value, int index) {
        Map<Integer, Tensor> point = new HashMap<>(given);
        Tensor filled = value.copy();
        Arrays.fill(filled.data(), index);
        point.put(node, filled);
        return staysFinite(point);
    }

    /** What an input is taken for. */
    InputKind kind(int node) {
        return Objects.requireNonNull(kinds.get(node));
    }

    /** The user's inputs, and then random ones. */
    List<Map<Integer, Tensor>> all() {
        List<Map<Integer, Tensor>> all = new ArrayList<>(List.of(given));
        branches.reach(values);
        Map<Integer, InputKind> free = alone(kinds);
        addUpTo(FREE_POINTS, free, all);
        addOfOtherSigns(free, all);
        Map<Integer, InputKind> like = new LinkedHashMap<>(free);
        like.replaceAll((_, kind) -> kind.isUnbounded() ? InputKind.LIKE : kind);
        addUpTo(all.size() - 1 + LIKE_POINTS, alone(like), all);
        addFar(free, all);
        return all;
    }

    /** The inputs of which something is kept, up to a bound; those that are of a rarer kind than numbers of one sign come first. */
    List<Integer> kept() {
        return kinds.keySet().stream().filter(input -> kind(input).softened() != null)
                .sorted(Comparator.comparing(input -> kind(input) == InputKind.SIGNED)).limit(MOST_SOFT).toList();
    }

    /** Points at which an input lacks what is kept of it. */
    List<Map<Integer, Tensor>> soft(int input) {
        InputKind softened = kind(input).softened();
        return softened == null
                ? List.of()
                : IntStream.range(0, SOFT_POINTS).mapToObj(place -> planned(Map.of(input, softened), place, 1)).filter(this::staysFinite)
                        .toList();
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
            if (!staysFinite(probe < SIGN_PROBES.length ? planned(drawn, SIGN_PROBES[probe], 1) : draw(drawn))) {
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
            Map<Integer, Tensor> point = attempt < ATTEMPTS / 2 ? planned(drawn, place, 1) : draw(drawn);
            Map<Integer, Tensor> found = finiteValues(point);
            if (found != null) {
                branches.reach(found);
                return point;
            }
        }
        return null;
    }

    /** Adds points at which numbers of one sign have the other, if that is the only way to an outcome of a comparison. */
    private void addOfOtherSigns(Map<Integer, InputKind> drawn, List<Map<Integer, Tensor>> all) {
        BitSet open = branches.behindOpen();
        List<Integer> tried = order.stream().filter(input -> kind(input) == InputKind.SIGNED && open.get(input)).limit(MOST_FREED).toList();
        for (int input : tried) {
            Map<Integer, InputKind> freed = new LinkedHashMap<>(drawn);
            freed.put(input, InputKind.FREE);
            for (int place = 0; place < FREE_POINTS && kind(input) == InputKind.SIGNED && branches.isAnyLeft(); place++) {
                Map<Integer, Tensor> point = planned(freed, place, 1);
                Map<Integer, Tensor> found = finiteValues(point);
                if (found != null && branches.isNewForward(found)) {
                    branches.reach(found);
                    all.add(point);
                    kinds.put(input, InputKind.FREE);
                }
            }
        }
    }

    /** Adds points of larger numbers that reach outcomes of comparisons which no point before them has reached. */
    private void addFar(Map<Integer, InputKind> drawn, List<Map<Integer, Tensor>> all) {
        int most = all.size() + FAR_POINTS;
        for (int spread : FAR_SPREAD) {
            for (int place = 0; place < FAR_PLACES && branches.isAnyLeft() && all.size() < most; place++) {
                Map<Integer, Tensor> point = planned(drawn, place, spread);
                Map<Integer, Tensor> found = finiteValues(point);
                if (found != null && branches.isNew(found)) {
                    branches.reach(found);
                    all.add(point);
                }
            }
        }
    }

    private Map<Integer, Tensor> draw(Map<Integer, InputKind> drawn) {
        Map<Integer, Tensor> point = new HashMap<>(given);
        drawn.forEach((node, kind) -> {
            Tensor value = Objects.requireNonNull(given.get(node));
            point.put(node, kind.draw(value, random, axis(value), count(node)));
        });
        return point;
    }

    /** Free numbers with the signs and the spread of a place in the plan, and {@code further} spread. */
    private Map<Integer, Tensor> planned(Map<Integer, InputKind> drawn, int place, int further) {
        Map<Integer, Tensor> point = new HashMap<>(given);
        drawn.forEach((node, kind) -> {
            Tensor value = Objects.requireNonNull(given.get(node));
            double[] own = signs.computeIfAbsent(node, _ -> random.doubles(value.length()).map(x -> x < 0.5 ? -1 : 1).toArray());
            int spread = further * (value.length() == 1 ? SPREAD[place % SPREAD.length] : 1);
            int code = CODES[order.indexOf(node) % CODES.length];
            double flip = Integer.bitCount(place & code) % 2 == 0 ? 1 : -1;
            point.put(node, kind.draw(value, random, axis(value), count(node), own, flip, spread));
        });
        return point;
    }

    private static int axis(Tensor value) {
        return Math.max(0, Rows.addingUp(value));
    }

    private int count(int node) {
        return counts.getOrDefault(node, 1);
    }

    private boolean staysFinite(Map<Integer, Tensor> point) {
        return finiteValues(point) != null;
    }

    private @Nullable Map<Integer, Tensor> finiteValues(Map<Integer, Tensor> point) {
        Map<Integer, Tensor> found = runs.attempt(point);
        if (found == null || !watched.stream().allMatch(node -> isFinite(found, node) || !isFinite(values, node))) {
            return null;
        }
        branches.observe(found);
        return branches.isGuarded(found, values) ? found : null;
    }

    private static boolean isFinite(Map<Integer, Tensor> values, int node) {
        return Objects.requireNonNull(values.get(node)).isFinite();
    }
}
