package io.chainrule.core.grade;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How far random values of an input may be from the one that is given. */
enum InputKind {
    /** Any numbers. */
    FREE,
    /** Numbers of the same sign; between 0 and 1 where the given one is. */
    LIKE,
    /** The same, and positive where the given one is 0, for inputs at the edge of a domain. */
    ABOVE,
    /** Numbers near the given ones. */
    NEAR,
    /** The given ones. */
    SAME,
    /** Labels of 0 and 1, or of −1 and 1. */
    LABELLED,
    /** Whole numbers, labels, or signs: entries of the given value, mixed. */
    MIXED,
    /** Rows in each of which one entry is 1 and the others are 0. */
    ONE_HOT,
    /** Rows of probabilities, which add up to 1. */
    PROBABILITIES,
    /** Numbers between two labels. */
    SOFT,
    /** Rows of any probabilities. */
    SOFT_ROWS;

    private static final Set<String> LABELS = Set.of("y", "t", "target", "targets", "label", "labels", "y_true", "mask");
    private static final double NEARNESS = 0.02;

    /** The kind of an input that is neither index nor label by its use. */
    static InputKind of(String name, Tensor value) {
        double[] data = value.data();
        boolean hasRows = value.shape().rank() > 0 && value.shape().last() > 1 && data.length > 0;
        if (hasRows && Arrays.stream(data).allMatch(x -> x >= 0 && x <= 1) && rowsAddUp(value)) {
            boolean isOneHot = Arrays.stream(data).allMatch(x -> x == 0 || x == 1);
            boolean isData = name.toLowerCase(Locale.ROOT).startsWith("x") || name.toLowerCase(Locale.ROOT).startsWith("w");
            return !isOneHot ? PROBABILITIES : isData ? FREE : ONE_HOT;
        }
        boolean isLabel = LABELS.contains(name.toLowerCase(Locale.ROOT))
                && (Arrays.stream(data).allMatch(x -> x == 0 || x == 1) || Arrays.stream(data).allMatch(x -> x == -1 || x == 1));
        return isLabel ? LABELLED : FREE;
    }

    private static boolean rowsAddUp(Tensor value) {
        int length = value.shape().last();
        double[] data = value.data();
        for (int row = 0; row < data.length; row += length) {
            if (Math.abs(Arrays.stream(data, row, row + length).sum() - 1) > 1e-9) {
                return false;
            }
        }
        return true;
    }

    /** Whether values of this kind can be replaced by nearer ones. */
    boolean canBeNearer() {
        return this == FREE || this == LIKE || this == ABOVE || this == NEAR || this == LABELLED;
    }

    InputKind nearer() {
        return switch (this) {
            case FREE -> LIKE;
            case LIKE -> ABOVE;
            case ABOVE -> NEAR;
            case NEAR, SAME -> SAME;
            case LABELLED -> MIXED;
            case MIXED, ONE_HOT, PROBABILITIES, SOFT, SOFT_ROWS -> this;
        };
    }

    /** Values between labels, of which a derivative must not know that they are labels; null for kinds that are none. */
    @Nullable
    InputKind softened() {
        return this == LABELLED ? SOFT : this == ONE_HOT ? SOFT_ROWS : null;
    }

    /** Draws a value for an input of this kind. */
    Tensor draw(Tensor given, RandomGenerator random) {
        double[] data = given.data();
        double[] drawn = new double[data.length];
        double size = Math.clamp(Math.sqrt(Arrays.stream(data).map(x -> x * x).average().orElse(0)), 0.5, 2);
        boolean isFraction = Arrays.stream(data).allMatch(x -> x > 0 && x < 1);
        double least = Arrays.stream(data).min().orElse(0) < 0 ? -1 : 0;
        for (int i = 0; i < data.length; i++) {
            double noise = random.nextGaussian();
            drawn[i] = switch (this) {
                case FREE -> size * noise;
                case LIKE, ABOVE, PROBABILITIES ->
                    isFraction
                            ? fraction(data[i], noise)
                            : data[i] == 0 && this != PROBABILITIES
                                    ? 0.3 * (this == ABOVE ? Math.abs(noise) : noise)
                                    : data[i] * Exponential.exp(0.4 * noise);
                case NEAR -> data[i] + NEARNESS * noise * (data[i] == 0 ? size : data[i]);
                case LABELLED -> random.nextBoolean() ? 1 : least;
                case MIXED -> data[random.nextInt(data.length)];
                case SAME -> data[i];
                case ONE_HOT -> 0;
                case SOFT -> least + (1 - least) * (0.1 + 0.8 * random.nextDouble());
                case SOFT_ROWS -> 0.1 + random.nextDouble();
            };
        }
        if (this == ONE_HOT || this == PROBABILITIES || this == SOFT_ROWS) {
            rows(given.shape(), drawn, random);
        }
        return Tensor.of(given.shape(), drawn);
    }

    /**
     * Free numbers with the signs and the spread that a plan of points wants; values of other kinds as {@link #draw(Tensor,
     * RandomGenerator)} draws them.
     *
     * @param signs of all entries
     * @param flip what the signs are multiplied by
     */
    Tensor draw(Tensor given, RandomGenerator random, double[] signs, double flip) {
        Tensor drawn = draw(given, random);
        if (this != FREE) {
            return drawn;
        }
        double[] data = drawn.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] = flip * signs[i] * Math.abs(data[i]);
        }
        return Tensor.of(given.shape(), data);
    }

    private static double fraction(double value, double noise) {
        double odds = value / (1 - value) * Exponential.exp(0.7 * noise);
        return odds / (1 + odds);
    }

    private void rows(Shape shape, double[] drawn, RandomGenerator random) {
        int length = shape.last();
        for (int row = 0; row < drawn.length; row += length) {
            if (this == ONE_HOT) {
                drawn[row + random.nextInt(length)] = 1;
            } else {
                double sum = Arrays.stream(drawn, row, row + length).sum();
                for (int i = row; i < row + length; i++) {
                    drawn[i] /= sum;
                }
            }
        }
    }
}
