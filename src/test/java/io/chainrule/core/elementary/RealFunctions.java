package io.chainrule.core.elementary;

import java.math.BigInteger;

/** Elementary functions to at least 60 digits, by power series and the functional equations. */
final class RealFunctions {
    /** Of π so many bits after the point are held; a multiple of it as large as any double then has 500 left. */
    private static final int PI_BITS = 1600;
    /** Series end with a term that is smaller than the first by so many bits. */
    private static final int SMALLEST_TERM = 290;
    /** From 2 to this power on, 1 beside the square does not matter. */
    private static final int LARGE = 400;
    /** From here on a continued fraction with so many levels gives erfc. Before it, 1 − erf loses up to 60 bits of 280. */
    private static final double FAR = 6;
    private static final int FRACTIONS = 120;
    private static final int HALVINGS = 8;
    private static final int TERMS = 24;
    private static final Real TWO = Real.of(2);
    private static final Real[] INVERSE_FACTORIALS = inverseFactorials();
    private static final Real LN2 = artanh(Real.ONE.over(Real.of(3))).timesPowerOfTwo(1);
    private static final Real LN10 = log(Real.of(10));
    private static final BigInteger PI = scaledPi();
    private static final Real HALF_PI = new Real(PI, -PI_BITS - 1).times(Real.ONE);
    private static final Real BY_ROOT_PI = Real.ONE.over(new Real(PI, -PI_BITS).times(Real.ONE).squareRoot());
    private static final Real ROOT_HALF = Real.of(0.5).squareRoot();

    private RealFunctions() {}

    private static Real[] inverseFactorials() {
        var inverses = new Real[TERMS + 1];
        inverses[0] = Real.ONE;
        for (int n = 1; n <= TERMS; n++) {
            inverses[n] = inverses[n - 1].over(Real.of(n));
        }
        return inverses;
    }

    static Real exp(Real argument) {
        Real x = within(argument);
        int k = (int) Math.rint(x.toDouble() / LN2.toDouble());
        return expm1Series(x.minus(LN2.times(Real.of(k)))).plus(Real.ONE).timesPowerOfTwo(k);
    }

    static Real exp2(Real argument) {
        Real x = within(argument);
        int k = (int) Math.rint(x.toDouble());
        return expm1Series(x.minus(Real.of(k)).times(LN2)).plus(Real.ONE).timesPowerOfTwo(k);
    }

    static Real expm1(Real x) {
        return Math.abs(x.toDouble()) < 0.5 ? expm1Series(x) : exp(x).minus(Real.ONE);
    }

    /** Far beyond the exponents of double the size of an exponential does not matter. */
    private static Real within(Real x) {
        return Math.abs(x.toDouble()) > 4000 ? Real.of(Math.copySign(4000, x.toDouble())) : x;
    }

    /** With y = e^(x/2) − 1, e^x − 1 = y (2 + y). */
    private static Real expm1Series(Real x) {
        Real small = x.timesPowerOfTwo(-HALVINGS);
        Real sum = INVERSE_FACTORIALS[TERMS];
        for (int n = TERMS - 1; n > 0; n--) {
            sum = sum.times(small).plus(INVERSE_FACTORIALS[n]);
        }
        Real y = sum.times(small);
        for (int i = 0; i < HALVINGS; i++) {
            y = y.times(y.plus(TWO));
        }
        return y;
    }

    /** Of a double, from its approximate logarithm y: log x = y + log(1 + (x e^−y − 1)). */
    static Real log(Real x) {
        double approximate = x.toDouble();
        if (approximate > 0.5 && approximate < 2) {
            return log1p(x.minus(Real.ONE));
        }
        Real y = Real.of(StrictMath.log(approximate));
        return y.plus(log1pSeries(x.times(exp(y.negated())).minus(Real.ONE)));
    }

    static Real log2(Real x) {
        return log(x).over(LN2);
    }

    static Real log10(Real x) {
        return log(x).over(LN10);
    }

    static Real log1p(Real x) {
        if (x.isZero() || x.top() < -40) {
            return log1pSeries(x);
        }
        if (x.top() > 1) {
            return log(x.plus(Real.ONE));
        }
        Real y = Real.of(StrictMath.log1p(x.toDouble()));
        Real m = expm1(y.negated());
        return y.plus(log1pSeries(x.plus(m).plus(x.times(m))));
    }

    private static Real log1pSeries(Real x) {
        return artanh(x.over(x.plus(TWO))).timesPowerOfTwo(1);
    }

    private static Real artanh(Real x) {
        Real square = x.times(x);
        Real power = x;
        Real sum = x;
        for (int n = 3; !power.isZero() && power.top() > x.top() - 290; n += 2) {
            power = power.times(square);
            sum = sum.plus(power.over(Real.of(n)));
        }
        return sum;
    }

    static Real sinh(Real x) {
        if (x.significand().signum() < 0) {
            return sinh(x.negated()).negated();
        }
        Real m = expm1(x);
        return m.plus(m.over(m.plus(Real.ONE))).timesPowerOfTwo(-1);
    }

    static Real cosh(Real x) {
        return exp(x).plus(exp(x.negated())).timesPowerOfTwo(-1);
    }

    static Real tanh(Real x) {
        Real m = expm1(x.timesPowerOfTwo(1));
        return m.over(m.plus(TWO));
    }

    static Real sigmoid(Real x) {
        Real power = exp(x);
        return power.over(power.plus(Real.ONE));
    }

    static Real logisticDensity(Real x) {
        return sigmoid(x).times(sigmoid(x.negated()));
    }

    static Real sechSquared(Real x) {
        Real inverse = Real.ONE.over(cosh(x));
        return inverse.times(inverse);
    }

    static Real softplus(Real x) {
        return x.significand().signum() > 0 ? x.plus(log1p(exp(x.negated()))) : log1p(exp(x));
    }

    /** Machin's formula: π = 16 arctan ⅕ − 4 arctan 1/239. */
    private static BigInteger scaledPi() {
        int guard = 64;
        BigInteger scaled = scaledArctan(5, PI_BITS + guard).shiftLeft(4).subtract(scaledArctan(239, PI_BITS + guard).shiftLeft(2));
        return scaled.shiftRight(guard);
    }

    /** arctan(1/n) · 2^bits. */
    private static BigInteger scaledArctan(int n, int bits) {
        BigInteger power = BigInteger.ONE.shiftLeft(bits).divide(BigInteger.valueOf(n));
        BigInteger sum = power;
        for (int k = 3; power.signum() != 0; k += 2) {
            power = power.divide(BigInteger.valueOf(-(long) n * n));
            sum = sum.add(power.divide(BigInteger.valueOf(k)));
        }
        return sum;
    }

    /** The nearest multiple of ½π, modulo 4, and what is left of an argument. */
    private record Turned(int quarters, Real rest) {
        static Turned of(Real x) {
            if (x.top() < 0) {
                return new Turned(0, x);
            }
            BigInteger scaled = x.significand().shiftLeft(PI_BITS + x.exponent());
            BigInteger eighths = scaled.shiftLeft(2).divide(PI);
            BigInteger quarters = eighths.add(BigInteger.valueOf(eighths.signum())).divide(BigInteger.TWO);
            Real rest = new Real(scaled.shiftLeft(1).subtract(quarters.multiply(PI)), -PI_BITS - 1).times(Real.ONE);
            return new Turned(quarters.intValue() & 3, rest);
        }
    }

    static Real sin(Real x) {
        Turned turned = Turned.of(x);
        Real value = (turned.quarters & 1) == 0 ? sineSeries(turned.rest) : cosineSeries(turned.rest);
        return turned.quarters < 2 ? value : value.negated();
    }

    static Real cos(Real x) {
        Turned turned = Turned.of(x);
        Real value = (turned.quarters & 1) == 0 ? cosineSeries(turned.rest) : sineSeries(turned.rest);
        return turned.quarters == 1 || turned.quarters == 2 ? value.negated() : value;
    }

    static Real tan(Real x) {
        return sin(x).over(cos(x));
    }

    private static Real sineSeries(Real x) {
        return alternating(x, x, 1);
    }

    private static Real cosineSeries(Real x) {
        return alternating(Real.ONE, x, 0);
    }

    /** Σ (−1)^k first x^2k / ((n + 1) … (n + 2k)). */
    private static Real alternating(Real first, Real x, int n) {
        Real square = x.times(x).negated();
        Real term = first;
        Real sum = first;
        for (int k = n + 1; !term.isZero() && term.top() > first.top() - SMALLEST_TERM; k += 2) {
            term = term.times(square).over(Real.of((double) k * (k + 1)));
            sum = sum.plus(term);
        }
        return sum;
    }

    /** From its approximation y: arctan x = y + arctan((x − tan y) / (1 + x tan y)). */
    static Real atan(Real x) {
        if (x.isNegative()) {
            return atan(x.negated()).negated();
        }
        if (x.top() > 1) {
            return HALF_PI.minus(atan(Real.ONE.over(x)));
        }
        if (x.top() < -40) {
            return atanSeries(x);
        }
        Real y = Real.of(StrictMath.atan(x.toDouble()));
        Real tangent = tan(y);
        return y.plus(atanSeries(x.minus(tangent).over(Real.ONE.plus(x.times(tangent)))));
    }

    /** The angle of (x, y); neither is 0. */
    static Real atan2(Real y, Real x) {
        Real angle = atan(y.over(x));
        if (!x.isNegative()) {
            return angle;
        }
        Real pi = HALF_PI.timesPowerOfTwo(1);
        return y.isNegative() ? angle.minus(pi) : angle.plus(pi);
    }

    private static Real atanSeries(Real x) {
        Real square = x.times(x).negated();
        Real power = x;
        Real sum = x;
        for (int n = 3; !power.isZero() && power.top() > x.top() - SMALLEST_TERM; n += 2) {
            power = power.times(square);
            sum = sum.plus(power.over(Real.of(n)));
        }
        return sum;
    }

    static Real asin(Real x) {
        Real cosine = Real.ONE.minus(x).times(Real.ONE.plus(x)).squareRoot();
        return atan(x.over(cosine));
    }

    static Real acos(Real x) {
        return atan(Real.ONE.minus(x).over(Real.ONE.plus(x)).squareRoot()).timesPowerOfTwo(1);
    }

    static Real asinh(Real x) {
        if (x.isNegative()) {
            return asinh(x.negated()).negated();
        }
        if (x.top() > LARGE) {
            return log(x).plus(LN2);
        }
        Real square = x.times(x);
        return log1p(x.plus(square.over(Real.ONE.plus(Real.ONE.plus(square).squareRoot()))));
    }

    static Real acosh(Real x) {
        if (x.top() > LARGE) {
            return log(x).plus(LN2);
        }
        Real above = x.minus(Real.ONE);
        return log1p(above.plus(above.times(above.plus(TWO)).squareRoot()));
    }

    static Real atanh(Real x) {
        return x.isNegative()
                ? atanh(x.negated()).negated()
                : log1p(x.timesPowerOfTwo(1).over(Real.ONE.minus(x))).timesPowerOfTwo(-1);
    }

    /** By Newton's method, which doubles the digits of each step. */
    static Real cbrt(Real x) {
        if (x.isZero()) {
            return x;
        }
        Real y = Real.of(StrictMath.cbrt(x.toDouble()));
        for (int step = 0; step < 3; step++) {
            Real square = y.times(y);
            y = y.minus(square.times(y).minus(x).over(square.times(Real.of(3))));
        }
        return y;
    }

    static Real hypot(Real x, Real y) {
        return x.times(x).plus(y.times(y)).squareRoot();
    }

    /** A power of x, which is not 0; where x is negative, y is a whole number. */
    static Real pow(Real x, Real y) {
        Real size = exp(y.times(log(x.isNegative() ? x.negated() : x)));
        return x.isNegative() && y.isOdd() ? size.negated() : size;
    }

    static Real erf(Real x) {
        if (x.isNegative()) {
            return erf(x.negated()).negated();
        }
        return x.toDouble() < FAR ? erfSeries(x) : Real.ONE.minus(erfc(x));
    }

    static Real erfc(Real x) {
        if (x.isNegative()) {
            return TWO.minus(erfc(x.negated()));
        }
        return x.toDouble() < FAR ? Real.ONE.minus(erfSeries(x)) : erfcFraction(x);
    }

    /** 2/√π e^(−x²) Σ 2^k x^(2k + 1) / (1 · 3 ⋯ (2k + 1)), of which all terms have one sign (Abramowitz and Stegun, 7.1.6). */
    private static Real erfSeries(Real x) {
        Real twice = x.times(x).timesPowerOfTwo(1);
        Real term = x;
        Real sum = x;
        for (int n = 3; !term.isZero() && term.top() > sum.top() - SMALLEST_TERM; n += 2) {
            term = term.times(twice).over(Real.of(n));
            sum = sum.plus(term);
        }
        return sum.times(exp(x.times(x).negated())).times(BY_ROOT_PI).timesPowerOfTwo(1);
    }

    /** 1/√π e^(−x²) / (x + ½/(x + 1/(x + (3/2)/(x + …)))) (7.1.14). */
    private static Real erfcFraction(Real x) {
        Real tail = x;
        for (int k = FRACTIONS; k > 0; k--) {
            tail = x.plus(Real.of(0.5 * k).over(tail));
        }
        return exp(x.times(x).negated()).times(BY_ROOT_PI).over(tail);
    }

    /** The standard normal distribution function. */
    static Real phi(Real x) {
        return erfc(x.times(ROOT_HALF).negated()).timesPowerOfTwo(-1);
    }

    static Real gelu(Real x) {
        return x.times(phi(x));
    }

    static Real bell(Real x) {
        return exp(x.times(x).negated());
    }

    static Real normalDensity(Real x) {
        return exp(x.times(x).negated().timesPowerOfTwo(-1)).times(BY_ROOT_PI).times(ROOT_HALF);
    }

    static Real mishGate(Real x) {
        return tanh(softplus(x));
    }

    /** The derivative of the gate. */
    static Real mishSlope(Real x) {
        return sechSquared(softplus(x)).times(sigmoid(x));
    }

    static Real logAddExp(Real x, Real y) {
        Real difference = y.minus(x);
        return difference.isNegative() ? x.plus(softplus(difference)) : y.plus(softplus(difference.negated()));
    }

    /** √(8/π) (x + 0.044715 x³). */
    static Real ofTanhGelu(Real x) {
        Real cubic = Real.of(44_715).over(Real.of(1_000_000)).times(x).times(x).times(x);
        return x.plus(cubic).times(BY_ROOT_PI).times(Real.of(8).squareRoot());
    }

    /** By Newton's iteration, each step of which doubles the digits. */
    static Real erfinv(Real x) {
        Real y = Real.of(InverseErrorFunction.erfinv(x.toDouble()));
        for (int i = 0; i < 3; i++) {
            Real slope = bell(y).times(BY_ROOT_PI).timesPowerOfTwo(1);
            Real lacking = x.toDouble() < 0.5 ? x.minus(erf(y)) : erfc(y).minus(Real.ONE.minus(x));
            y = y.plus(lacking.over(slope));
        }
        return y;
    }

    static Real erfinvSlope(Real x) {
        return Real.ONE.over(bell(erfinv(x)).times(BY_ROOT_PI).timesPowerOfTwo(1));
    }
}
