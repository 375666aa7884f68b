package io.chainrule.core.grade;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How far random values of an input may be from the one that is given. */
enum InputKind {
    /** Any numbers. */
    FREE,
    /** Numbers of the same sign as the given ones, all of which have the same; between 0 and 1 where the given ones are. */
    SIGNED,
    /** The same, each near the given one; its sign is kept where the given ones have both signs. */
    LIKE,
    /** The same, and positive where the given one is 0, for inputs at the edge of a domain. */
    ABOVE,
    /** Numbers near the given ones. */
    NEAR,
    /** The given ones. */
    SAME,
    /** A value that a called model keeps. The lines cannot name it, and take it for a constant. */
    KEPT,
    /** The number of entries of an array or of one of its axes, which keeps its given value. */
    SIZE,
    /** Labels of 0 and 1, or of 0 and another number, or of −1 and 1. */
    LABELLED,
    /** Whole numbers up to the largest possible one. */
    INDEX,
    /** All indices, each once. */
    PERMUTED,
    /** Whole numbers, labels, or signs: entries of the given value, mixed. */
    MIXED,
    /** Rows in each of which one entry is 1 and the others are 0. */
    ONE_HOT,
    /** Rows of probabilities, which add up to 1. */
    PROBABILITIES,
    /** A symmetric matrix that has as many positive and negative eigenvalues as the given one. */
    SYMMETRIC,
    /** A symmetric matrix of probabilities that add up to 1 in each row: labels that are multiplied with, or a matrix of neighbours. */
    SYMMETRIC_ROWS,
    /** Numbers between two labels. */
    SOFT,
    /** Rows of any probabilities. */
    SOFT_ROWS,
    /** A matrix that is near a symmetric one. */
    LOPSIDED;

    private static final double NEARNESS = 0.02;
    private static final double LOPSIDEDNESS = 0.1;

    /** Whether values of this kind can be replaced by nearer ones. */
    boolean canBeNearer() {
        return nearer() != this;
    }

    InputKind nearer() {
        return switch (this) {
            case FREE, SIGNED -> LIKE;
            case LIKE -> ABOVE;
            case ABOVE -> NEAR;
            case NEAR, SAME, SYMMETRIC, SYMMETRIC_ROWS -> SAME;
            case LABELLED, INDEX -> MIXED;
            case PERMUTED -> SAME;
            case KEPT, SIZE, MIXED, ONE_HOT, PROBABILITIES, SOFT, SOFT_ROWS, LOPSIDED -> this;
        };
    }

    /** Whether the numbers can be of any size. */
    boolean isUnbounded() {
        return this == FREE || this == SIGNED;
    }

    /** Values that lack what this kind keeps, of which a derivative that uses it says so; null for kinds that keep nothing. */
    @Nullable
    InputKind softened() {
        return switch (this) {
            case LABELLED -> SOFT;
            case ONE_HOT -> SOFT_ROWS;
            case PERMUTED -> INDEX;
            case SIGNED -> FREE;
            case SIZE, PROBABILITIES -> LIKE;
            case SYMMETRIC -> LOPSIDED;
            case SYMMETRIC_ROWS -> SOFT_ROWS;
            default -> null;
        };
    }

    /** The key of the text that says what a line uses of an input of this kind. */
    String remark() {
        return switch (this) {
            case SIGNED -> "right.sign";
            case SIZE -> "right.size";
            case PROBABILITIES -> "right.rows";
            case SYMMETRIC, SYMMETRIC_ROWS -> "right.symmetric";
            case PERMUTED -> "right.permutation";
            default -> "right.labels";
        };
    }

    /**
     * Draws a value for an input of this kind.
     *
     * @param axis that of rows
     * @param count one more than the largest possible index
     */
    Tensor draw(Tensor given, RandomGenerator random, int axis, int count) {
        if (this == SYMMETRIC || this == LOPSIDED) {
            return congruent(given, random);
        } else if (this == PERMUTED) {
            return shuffled(given, random);
        } else if (this == SYMMETRIC_ROWS) {
            return doublyStochastic(given.shape(), random);
        }
        double[] data = given.data();
        double[] drawn = new double[data.length];
        double size = Math.clamp(Math.sqrt(Arrays.stream(data).map(x -> x * x).average().orElse(0)), 0.5, 2);
        boolean isFraction = isFraction(given);
        double least = Arrays.stream(data).min().orElse(0) < 0 ? -1 : 0;
        double most = Math.max(least + 1, Closeness.largest(data));
        for (int i = 0; i < data.length; i++) {
            double noise = random.nextGaussian();
            drawn[i] = switch (this) {
                case FREE -> size * noise;
                case SIGNED -> isFraction ? fraction(data[i], noise) : Math.signum(data[i]) * size * Math.abs(noise);
                case LIKE, ABOVE, PROBABILITIES ->
                    isFraction
                            ? fraction(data[i], noise)
                            : data[i] == 0 && this != PROBABILITIES
                                    ? 0.3 * (this == ABOVE ? Math.abs(noise) : noise)
                                    : data[i] * Exponential.exp(0.4 * noise);
                case NEAR -> data[i] + NEARNESS * noise * (data[i] == 0 ? size : data[i]);
                case LABELLED -> random.nextBoolean() ? most : least;
                case INDEX -> random.nextInt(count);
                case MIXED -> data[random.nextInt(data.length)];
                case SAME, KEPT, SIZE, SYMMETRIC, SYMMETRIC_ROWS, LOPSIDED, PERMUTED -> data[i];
                case ONE_HOT -> 0;
                case SOFT -> least + (most - least) * (0.1 + 0.8 * random.nextDouble());
                case SOFT_ROWS -> 0.1 + random.nextDouble();
            };
        }
        if (this == ONE_HOT || this == PROBABILITIES || this == SOFT_ROWS) {
            rows(given.shape(), axis, drawn, random);
        }
        return Tensor.of(given.shape(), drawn);
    }

    /**
     * Numbers with the signs and the spread that a plan of points wants; values of kinds that are not free as {@link #draw(Tensor,
     * RandomGenerator, int, int)} draws them.
     *
     * @param signs of all entries of free numbers
     * @param flip what these signs are multiplied by
     * @param spread what free numbers and numbers of one sign are multiplied by
     */
    Tensor draw(Tensor given, RandomGenerator random, int axis, int count, double[] signs, double flip, double spread) {
        Tensor drawn = draw(given, random, axis, count);
        if (!isUnbounded() || this == SIGNED && isFraction(given)) {
            return drawn;
        }
        double[] data = drawn.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] = spread * (this == FREE ? flip * signs[i] * Math.abs(data[i]) : data[i]);
        }
        return Tensor.of(given.shape(), data);
    }

    private static Tensor shuffled(Tensor given, RandomGenerator random) {
        Tensor shuffled = given.copy();
        double[] data = shuffled.data();
        for (int i = data.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            double entry = data[i];
            data[i] = data[other];
            data[other] = entry;
        }
        return shuffled;
    }

    /**
     * A mean of permutation matrices and their transposes, and of equal probabilities: all of these matrices have rows that add up to 1.
     */
    private static Tensor doublyStochastic(Shape shape, RandomGenerator random) {
        int n = shape.last();
        double[] drawn = new double[n * n];
        double[] weights = random.doubles(n + 2).map(x -> 0.1 + x).toArray();
        double sum = Arrays.stream(weights).sum();
        Arrays.fill(drawn, weights[n + 1] / sum / n);
        double[] places = new double[n];
        Arrays.setAll(places, i -> i);
        for (int k = 0; k <= n; k++) {
            double half = weights[k] / sum / 2;
            double[] permuted = k == 0 ? places : shuffled(Tensor.vector(places), random).data();
            for (int i = 0; i < n; i++) {
                int j = (int) permuted[i];
                drawn[i * n + j] += half;
                drawn[j * n + i] += half;
            }
        }
        return Tensor.of(shape, drawn);
    }

    private static boolean isFraction(Tensor given) {
        return Arrays.stream(given.data()).allMatch(x -> x > 0 && x < 1);
    }

    private static double fraction(double value, double noise) {
        double odds = value / (1 - value) * Exponential.exp(0.7 * noise);
        return odds / (1 + odds);
    }

    private void rows(Shape shape, int axis, double[] drawn, RandomGenerator random) {
        for (int[] row : Rows.of(shape, axis)) {
            if (this == ONE_HOT) {
                drawn[row[random.nextInt(row.length)]] = 1;
            } else {
                double sum = Arrays.stream(row).mapToDouble(i -> drawn[i]).sum();
                Arrays.stream(row).forEach(i -> drawn[i] /= sum);
            }
        }
    }

    /** The matrix B·given·Bᵀ with a random B, which keeps symmetry and the signs of the eigenvalues (Sylvester's law of inertia). */
    private Tensor congruent(Tensor given, RandomGenerator random) {
        int n = given.shape().last();
        double[] basis = new double[n * n];
        Arrays.setAll(basis, i -> (i % (n + 1) == 0 ? 1 : 0) + 0.4 * random.nextGaussian() / Math.sqrt(n));
        double[] half = new double[n * n];
        double[] drawn = new double[n * n];
        Arrays.setAll(half, at -> sum(n, k -> basis[at / n * n + k] * given.data()[k * n + at % n]));
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                int row = i * n;
                int column = j * n;
                drawn[row + j] = sum(n, k -> half[row + k] * basis[column + k]);
                drawn[column + i] = drawn[row + j];
            }
        }
        double size = LOPSIDEDNESS * Closeness.largest(drawn);
        for (int i = 0; i < n * n && this == LOPSIDED; i++) {
            drawn[i] += size * random.nextGaussian();
        }
        return Tensor.of(given.shape(), drawn);
    }

    private static double sum(int n, IntToDoubleFunction term) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
            sum += term.applyAsDouble(k);
        }
        return sum;
    }
}
