package io.chainrule.core.elementary;

/** Elementary functions to at least 60 digits, by power series and the functional equations. */
final class RealFunctions {
    private static final int HALVINGS = 8;
    private static final int TERMS = 24;
    private static final Real TWO = Real.of(2);
    private static final Real[] INVERSE_FACTORIALS = inverseFactorials();
    private static final Real LN2 = artanh(Real.ONE.over(Real.of(3))).timesPowerOfTwo(1);
    private static final Real LN10 = log(Real.of(10));

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
}
