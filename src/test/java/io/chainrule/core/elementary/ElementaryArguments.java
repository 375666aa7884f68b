package io.chainrule.core.elementary;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Arguments for functions, the same for the same seed. */
public final class ElementaryArguments {
    private static final double[] SPECIAL = {0.0, -0.0, 1, -1, Double.MIN_VALUE, -Double.MIN_VALUE, Double.MIN_NORMAL, -Double.MIN_NORMAL,
            Double.MAX_VALUE, -Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN};
    private static final int NEIGHBOURS = 16;

    private ElementaryArguments() {}

    /** Special ones, those next to the landmarks, and random ones: of any bits, of any exponent near 0, near 1 and in the range. */
    public static double[] of(double from, double to, double[] landmarks, long seed, int count) {
        var random = new SplittableRandom(seed);
        double[] x = Arrays.copyOf(SPECIAL, count);
        int n = SPECIAL.length;
        for (double landmark : landmarks) {
            for (int away = -NEIGHBOURS; away <= NEIGHBOURS; away++) {
                x[n++] = Double.longBitsToDouble(Double.doubleToRawLongBits(landmark) + away);
                x[n++] = -Double.longBitsToDouble(Double.doubleToRawLongBits(landmark) + away);
            }
        }
        for (; n < count; n++) {
            x[n] = switch (n % 6) {
                case 0 -> Double.longBitsToDouble(random.nextLong());
                case 1 -> ofSomeSize(random, -60, 12);
                case 2 -> 1 + ofSomeSize(random, -60, -1);
                case 3 -> random.nextDouble(-2, 2);
                case 4 -> random.nextDouble(Math.max(from, -40), Math.min(to, 40));
                default -> random.nextDouble(from, to);
            };
        }
        return x;
    }

    /** Pairs: unrelated, of about the same size, with a whole number or one that keeps x^y in range, or of very different sizes. */
    static void forEachPair(long seed, int count, Pair action) {
        var random = new SplittableRandom(seed);
        for (int n = 0; n < count; n++) {
            double x = switch (random.nextInt(3)) {
                case 0 -> ElementaryFunctions.argument(random);
                case 1 -> ofSomeSize(random, -40, 40);
                default -> 1 + ofSomeSize(random, -53, -1);
            };
            double y = switch (random.nextInt(6)) {
                case 0 -> ElementaryFunctions.argument(random);
                case 1 -> x * random.nextDouble(-3, 3);
                case 2 -> Math.nextUp(x) * Math.scalb(random.nextBoolean() ? 1.0 : -1.0, random.nextInt(-1, 2));
                case 3 -> random.nextInt(-60, 60);
                case 4 -> random.nextDouble(-746, 711) / StrictMath.log(Math.abs(x));
                default -> x * ofSomeSize(random, -60, 60);
            };
            action.accept(x, y);
        }
    }

    interface Pair {
        void accept(double x, double y);
    }

    private static double ofSomeSize(SplittableRandom random, int least, int most) {
        return (random.nextBoolean() ? 1 : -1) * Math.scalb(random.nextDouble(1, 2), random.nextInt(least, most));
    }
}
