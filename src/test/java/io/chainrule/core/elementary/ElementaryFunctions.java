package io.chainrule.core.elementary;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;

/** The functions by name, and arguments for them. */
public final class ElementaryFunctions {
    static final Map<String, DoubleUnaryOperator> UNARY = new TreeMap<>(Map.ofEntries(
            Map.entry("sin", Circular::sin), Map.entry("cos", Circular::cos), Map.entry("tan", Circular::tan),
            Map.entry("erf", ErrorFunction::erf), Map.entry("erfc", ErrorFunction::erfc), Map.entry("phi", ErrorFunction::phi),
            Map.entry("gelu", ErrorFunction::gelu),
            Map.entry("atan", InverseCircular::atan), Map.entry("asin", InverseCircular::asin), Map.entry("acos", InverseCircular::acos),
            Map.entry("asinh", InverseHyperbolic::asinh), Map.entry("acosh", InverseHyperbolic::acosh),
            Map.entry("atanh", InverseHyperbolic::atanh), Map.entry("cbrt", Root::cbrt)));
    static final Map<String, DoubleBinaryOperator> BINARY = new TreeMap<>(
            Map.of("atan2", InverseCircular::atan2, "hypot", Root::hypot, "pow", Power::pow));

    /** Ends of the range, NaNs with other bits, and where formulas change. */
    private static final double[] SPECIAL = {0, Double.MIN_VALUE, Double.MIN_NORMAL, Math.nextDown(Double.MIN_NORMAL), 0x1p-60, 0x1p-28,
            0x1p-10, 0.5, Math.PI / 4, 1, 1.5, Math.PI / 2, 2, 3, Math.PI, 6, 28, 39, 0x1p30, 0x1p32, 0x1p53, 0x1p60, 0x1p500, 0x1p800,
            Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NaN, Double.longBitsToDouble(0x7ff8000000000abcL)};

    private ElementaryFunctions() {}

    public static DoubleUnaryOperator unary(String name) {
        return Objects.requireNonNull(UNARY.get(name));
    }

    public static DoubleBinaryOperator binary(String name) {
        return Objects.requireNonNull(BINARY.get(name));
    }

    /** Special values and their neighbours, neighbours of multiples of π/2, all magnitudes, all bits. */
    public static double argument(RandomGenerator random) {
        double x = switch (random.nextInt(8)) {
            case 0, 1 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 2 -> Math.nextUp(SPECIAL[random.nextInt(SPECIAL.length)]);
            case 3 -> Math.nextDown(SPECIAL[random.nextInt(SPECIAL.length)]);
            case 4 -> random.nextInt(1 << random.nextInt(1, 30)) * (Math.PI / 2);
            case 5 -> Math.scalb(random.nextDouble(), random.nextInt(-30, 40));
            case 6 -> random.nextDouble(40);
            default -> Double.longBitsToDouble(random.nextLong());
        };
        return random.nextBoolean() ? x : -x;
    }
}
