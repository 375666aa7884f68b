package io.chainrule.core.elementary;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/** A binary floating-point number of 280 bits, significand · 2^exponent: 84 digits, so that 60 are left where some cancel. */
record Real(BigInteger significand, int exponent) {
    private static final int PRECISION = 280;
    static final Real ZERO = new Real(BigInteger.ZERO, 0);
    static final Real ONE = of(1);

    /** Exactly this double. */
    static Real of(double x) {
        if (x == 0) {
            return ZERO;
        }
        int exponent = Math.max(Math.getExponent(x), Double.MIN_EXPONENT) - 52;
        return new Real(BigInteger.valueOf((long) Math.scalb(Math.scalb(x, -exponent / 2), -exponent + exponent / 2)), exponent);
    }

    private static Real rounded(BigInteger significand, int exponent) {
        int excess = significand.bitLength() - PRECISION;
        return excess <= 0 ? new Real(significand, exponent) : new Real(significand.shiftRight(excess), exponent + excess);
    }

    Real plus(Real y) {
        if (isZero() || y.isZero()) {
            return isZero() ? y : this;
        }
        int apart = top() - y.top();
        if (Math.abs(apart) > 2 * PRECISION) {
            return apart > 0 ? this : y;
        }
        int low = Math.min(exponent, y.exponent);
        return rounded(significand.shiftLeft(exponent - low).add(y.significand.shiftLeft(y.exponent - low)), low);
    }

    Real minus(Real y) {
        return plus(y.negated());
    }

    Real negated() {
        return new Real(significand.negate(), exponent);
    }

    Real times(Real y) {
        return rounded(significand.multiply(y.significand), exponent + y.exponent);
    }

    Real over(Real y) {
        int shift = Math.max(0, PRECISION + 2 + y.significand.bitLength() - significand.bitLength());
        return rounded(significand.shiftLeft(shift).divide(y.significand), exponent - shift - y.exponent);
    }

    Real squareRoot() {
        int shift = Math.max(0, 2 * PRECISION - significand.bitLength());
        shift += (exponent - shift) & 1;
        return rounded(significand.shiftLeft(shift).sqrt(), (exponent - shift) / 2);
    }

    boolean isNegative() {
        return significand.signum() < 0;
    }

    /** Whether this whole number is odd. */
    boolean isOdd() {
        return exponent <= 0 && significand.shiftRight(-exponent).testBit(0);
    }

    Real timesPowerOfTwo(int power) {
        return new Real(significand, exponent + power);
    }

    boolean isZero() {
        return significand.signum() == 0;
    }

    /** The e with 2^(e−1) ≤ |this| < 2^e. */
    int top() {
        return significand.bitLength() + exponent;
    }

    double toDouble() {
        int scale = Math.clamp(exponent, -3000, 3000);
        return Math.scalb(Math.scalb(significand.doubleValue(), scale / 2), scale - scale / 2);
    }

    BigDecimal toDecimal(MathContext context) {
        var power = new BigDecimal(BigInteger.ONE.shiftLeft(Math.abs(exponent)));
        var whole = new BigDecimal(significand);
        return exponent < 0 ? whole.divide(power, context) : whole.multiply(power, context);
    }

    /** How far y is off, in units of the last place that a double of this size has. An infinity counts as 2^1024. */
    double ulps(double y) {
        if (Double.isInfinite(y)) {
            Real limit = of(Math.copySign(0x1p1023, y)).timesPowerOfTwo(1);
            return significand.signum() == (y > 0 ? 1 : -1) && top() > 1024 ? 0 : Math.abs(minus(limit).timesPowerOfTwo(-971).toDouble());
        }
        int lastPlace = Math.max(top() - 53, -1074);
        return Math.abs(minus(of(y)).timesPowerOfTwo(-lastPlace).toDouble());
    }
}
