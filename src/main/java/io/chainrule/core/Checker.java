package io.chainrule.core;

import io.chainrule.core.autodiff.Difference;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One check of a program's derivative. The derivative is compared as a matrix: its rows are the elements of what is differentiated (the
 * output, or at order 2 its gradient), its columns are the entries of one input.
 */
final class Checker {
    /**
     * The number of step sizes that are tried first. Entries whose differences disagree with the derivative are tried again with {@link
     * #LADDER} step sizes.
     */
    private static final int LOOK = 2;
    private static final int LADDER = 12;
    /** At so many points the function is computed to look at one entry. */
    static final int POINTS = 2 * (LOOK + 1);
    /** A check that is followed tells of its progress after so many batched runs. */
    private static final int RUNS_TOGETHER = 8;
    /** A step, relative to a value, at which curvature is negligible, so that differences show rounding alone. */
    private static final double NOISE_STEP = 0x1p-40;
    private static final double GOOD = 1e-7;
    private static final long SEED = 231;

    private final BoundProgram bound;
    private final LoweredProgram lowered;
    private final CompiledCheck check;
    private final boolean isFirstOrder;
    private final CheckOptions options;
    private final ShiftedRuns moves;
    private final List<Integer> nodes;
    /** The number of rows of each result. */
    private final int[] lengths;
    private final double[] values;
    private final double[] gradient;
    private final Rounding rounding;
    /**
     * For each row, how far rounding may have moved its value. For a row of the gradient this is the rounding of the output's value divided
     * by the size of the entry.
     */
    private final double[] roundoffs;

    Checker(CompiledCheck compiled, ShiftedRuns moves, CheckOptions options) {
        this.bound = compiled.bound();
        this.lowered = compiled.lowered();
        this.check = compiled;
        this.isFirstOrder = compiled.order() == 1;
        this.nodes = check.nodes();
        this.options = options;
        this.moves = moves;
        int[] sizes = IntStream.of(check.points()).map(node -> moves.value(node).length()).toArray();
        this.lengths = isFirstOrder ? new int[]{1} : sizes;
        PlannedGraph.Run run = moves.still();
        this.values = ShiftedRuns.joined(run, check.results(), lengths);
        this.gradient = isFirstOrder ? ShiftedRuns.joined(run, check.derivatives(), sizes) : new double[0];
        this.rounding = Rounding.of(lowered, check.sensitivities(), run);
        this.roundoffs = isFirstOrder ? new double[]{rounding.ofValue()} : roundoffsOfGradient();
    }

    CheckReport run(CheckProgress progress) {
        Map<Integer, Integer> positions = new HashMap<>();
        nodes.forEach(node -> positions.put(node, positions.size()));
        List<CheckPart> parts = check.wrt().entrySet().stream()
                .map(entry -> part(entry.getKey(), entry.getValue(), positions.getOrDefault(entry.getValue(), ResolvedNames.NO_NODE)))
                .toList();
        long all = parts.stream().mapToLong(part -> part.entries().length).sum();
        byte[] earlier = progress.earlier();
        long done = earlier == null ? 0 : CheckPart.read(earlier, parts);
        progress.resumed(done);
        int together = progress.isFollowed() ? Math.max(1, RUNS_TOGETHER * moves.width(Integer.MAX_VALUE) / POINTS) : Integer.MAX_VALUE;
        long before = 0;
        for (CheckPart part : parts) {
            int[] entries = part.entries();
            for (int from = Math.clamp(done - before, 0, entries.length); from < entries.length;) {
                int end = (int) Math.min((long) from + together, entries.length);
                add(Arrays.copyOfRange(entries, from, end), part);
                long checked = before + end;
                progress.checked(checked, all, () -> CheckPart.state(checked, parts));
                from = end;
            }
            before += entries.length;
        }
        return report(parts);
    }

    private CheckPart part(String name, int node, int k) {
        if (k < 0) {
            return new CheckPart(name, k, new int[0], List.of(new CheckTally(rounding, lowered.shape(name, node))));
        }
        Shape shape = moves.value(check.points()[k]).shape();
        List<CheckTally> tallies = IntStream.range(0, lengths.length)
                .mapToObj(r -> (isFirstOrder ? Shape.SCALAR : moves.value(check.points()[r]).shape()).concat(shape))
                .map(block -> new CheckTally(rounding, block)).toList();
        return new CheckPart(name, k, chosen(shape.length(), k), tallies);
    }

    private CheckReport report(List<CheckPart> parts) {
        List<CheckReport.InputCheck> checks = parts.stream()
                .flatMap(part -> part.checks(lengths, r -> isFirstOrder ? null : bound.program().id(nodes.get(r))).stream()).toList();
        boolean isSampled = parts.stream()
                .anyMatch(part -> part.k() >= 0 && moves.value(check.points()[part.k()]).length() > part.entries().length);
        CheckReport.DirectionCheck direction = isSampled ? direction() : null;
        boolean passed = checks.stream().allMatch(one -> one.maxRelativeError() <= options.tolerance())
                && (direction == null || direction.relativeError() <= options.tolerance());
        return new CheckReport(passed, checks, direction);
    }

    private double[] roundoffsOfGradient() {
        double[] all = new double[values.length];
        int from = 0;
        for (int r = 0; r < lengths.length; r++) {
            IntToDoubleFunction size = broad(r);
            for (int row = 0; row < lengths[r]; row++) {
                all[from + row] = rounding.ofValue() / size.applyAsDouble(row);
            }
            from += lengths[r];
        }
        return all;
    }

    /** The entries of an input that are checked: all of them, or a pseudo-random sample from a fixed seed. */
    private int[] chosen(int size, int k) {
        return size <= options.samples()
                ? IntStream.range(0, size).toArray()
                : random(k).ints(0, size).distinct().limit(options.samples()).sorted().toArray();
    }

    private static RandomGenerator random(int stream) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(SEED + stream);
    }

    /** Checks some entries of an input. */
    private void add(int[] entries, CheckPart to) {
        int k = to.k();
        double[][] claimed = claimed(k, entries);
        Difference[][] found = differences(k, entries, claimed, broad(k), LOOK);
        int[] hard = IntStream.range(0, entries.length).filter(i -> !agrees(claimed[i], found[i])).toArray();
        int[] hardEntries = IntStream.of(hard).map(i -> entries[i]).toArray();
        double[][] hardClaims = IntStream.of(hard).mapToObj(i -> claimed[i]).toArray(double[][]::new);
        Difference[][] broadly = differences(k, hardEntries, hardClaims, broad(k), LADDER);
        Difference[][] narrowly = differences(k, hardEntries, hardClaims, narrow(k), LADDER);
        Difference[][] closely = differences(k, hardEntries, hardClaims, close(k), LADDER);
        for (int i = 0; i < hard.length; i++) {
            for (int row = 0; row < values.length; row++) {
                double claim = hardClaims[i][row];
                found[hard[i]][row] = broadly[i][row].orBetter(narrowly[i][row], claim).orBetter(closely[i][row], claim);
            }
        }
        int size = moves.value(check.points()[k]).length();
        int from = 0;
        for (int r = 0; r < lengths.length; r++) {
            CheckTally tally = to.tallies().get(r);
            for (int i = 0; i < entries.length; i++) {
                for (int row = 0; row < lengths[r]; row++) {
                    tally.add((long) row * size + entries[i], claimed[i][from + row], found[i][from + row]);
                }
            }
            from += lengths[r];
        }
    }

    private static boolean agrees(double[] claimed, Difference[] found) {
        return IntStream.range(0, claimed.length)
                .allMatch(row -> !found[row].isExcused() && Difference.relativeError(claimed[row], found[row].numeric()) <= GOOD);
    }

    /** The size of an entry: its absolute value, or the root mean square of all entries where that is larger. */
    private IntToDoubleFunction broad(int k) {
        double[] all = moves.value(check.points()[k]).data();
        double typical = Math.sqrt(DoubleStream.of(all).map(x -> x * x).average().orElse(0));
        return entry -> Math.max(Math.abs(all[entry]), typical) > 0 ? Math.max(Math.abs(all[entry]), typical) : 1;
    }

    /** The absolute value of an entry; where that is 0, the same as {@link #broad}. */
    private IntToDoubleFunction narrow(int k) {
        double[] all = moves.value(check.points()[k]).data();
        return entry -> all[entry] != 0 ? Math.abs(all[entry]) : broad(k).applyAsDouble(entry);
    }

    /**
     * Like {@link #narrow}, but at most 1, since the period of a function such as sine does not grow with its argument. It is kept large
     * enough that rounding does not swallow the smallest step.
     */
    private IntToDoubleFunction close(int k) {
        double[] all = moves.value(check.points()[k]).data();
        IntToDoubleFunction narrow = narrow(k);
        double smallest = options.step() * Power.pow(Difference.RATIO, 1 - LADDER);
        return entry -> Math.max(Math.min(1, narrow.applyAsDouble(entry)), 4 * Math.ulp(all[entry]) / smallest);
    }

    /** The derivative that is checked, indexed by column and then by row. */
    private double[][] claimed(int k, int[] entries) {
        if (isFirstOrder) {
            int offset = IntStream.range(0, k).map(before -> moves.value(check.points()[before]).length()).sum();
            return IntStream.of(entries).mapToObj(entry -> new double[]{gradient[offset + entry]}).toArray(double[][]::new);
        }
        return moves.at(entries.length, new int[]{check.seeds()[k]}, (point, _, data, start) -> data[start + entries[point]] = 1,
                check.derivatives(), lengths);
    }

    private Difference[][] differences(int k, int[] entries, double[][] claimed, IntToDoubleFunction scale, int levels) {
        // Powers of two, so that a point and its step add up without rounding.
        double[] sizes = IntStream.of(entries).mapToDouble(entry -> Math.scalb(1.0, Math.getExponent(scale.applyAsDouble(entry))))
                .toArray();
        int points = 2 * (levels + 1);
        double[][] moved = moves.at(entries.length * points, new int[]{check.points()[k]},
                (point, _, data, start) -> data[start + entries[point / points]] += offset(point % points, levels) * sizes[point / points],
                check.results(), lengths);
        Difference[][] found = new Difference[entries.length][values.length];
        for (int i = 0; i < entries.length; i++) {
            for (int row = 0; row < values.length; row++) {
                found[i][row] = difference(claimed[i][row], values[row], roundoffs[row], options.step() * sizes[i], moved, i * points, row,
                        levels);
            }
        }
        return found;
    }

    private Difference difference(double claimed, double value, double roundoff, double step, double[][] moved, int from, int row,
            int levels) {
        double[] plus = new double[levels + 1];
        double[] minus = new double[levels + 1];
        for (int level = 0; level <= levels; level++) {
            plus[level] = moved[from + 2 * level][row];
            minus[level] = moved[from + 2 * level + 1][row];
        }
        return Difference.of(claimed, value, roundoff, step, plus, minus);
    }

    /** Each level has two points, one on either side. The last level has the step that shows rounding alone. */
    private double offset(int point, int levels) {
        int level = point / 2;
        double step = level == levels ? NOISE_STEP : options.step() * Power.pow(Difference.RATIO, -level);
        return point % 2 == 0 ? step : -step;
    }

    /**
     * Checks the derivative along one random direction through all inputs; the direction's entries are scaled by the sizes of the inputs'
     * entries. At order 2 it checks the second derivative along the direction.
     */
    private CheckReport.DirectionCheck direction() {
        double[][] along = new double[check.points().length][];
        for (int k = 0; k < along.length; k++) {
            RandomGenerator random = random(nodes.size() + k);
            IntToDoubleFunction size = broad(k);
            along[k] = IntStream.range(0, moves.value(check.points()[k]).length())
                    .mapToDouble(entry -> size.applyAsDouble(entry) * random.nextGaussian()).toArray();
        }
        double[] all = Arrays.stream(along).flatMapToDouble(DoubleStream::of).toArray();
        double[] weights = isFirstOrder ? new double[]{1} : all;
        double[] claims = isFirstOrder ? new double[]{dot(gradient, all)} : derivativeAlong(along);
        double[][] moved = moves.at(2 * (LADDER + 1), check.points(),
                (point, input, data, start) -> add(data, start, along[position(check.points(), input)], offset(point, LADDER)),
                check.results(), lengths);
        double[][] scalars = Arrays.stream(moved).map(rows -> new double[]{dot(rows, weights)}).toArray(double[][]::new);
        double claimed = isFirstOrder ? claims[0] : dot(claims, weights);
        Difference found = difference(claimed, dot(values, weights), dot(roundoffs, Arrays.stream(weights).map(Math::abs).toArray()),
                options.step(), scalars, 0, 0, LADDER);
        double error = found.isExcused() ? 0 : Difference.relativeError(claimed, found.numeric());
        return new CheckReport.DirectionCheck(claimed, found.numeric(), error, CheckTally.verdict(error));
    }

    private double[] derivativeAlong(double[][] along) {
        return moves.at(1, check.seeds(), (_, input, data, start) -> add(data, start, along[position(check.seeds(), input)], 1),
                check.derivatives(), lengths)[0];
    }

    private static int position(int[] nodes, int node) {
        return IntStream.range(0, nodes.length).filter(k -> nodes[k] == node).findFirst().orElseThrow();
    }

    private static void add(double[] data, int start, double[] vector, double factor) {
        for (int i = 0; i < vector.length; i++) {
            data[start + i] += factor * vector[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
