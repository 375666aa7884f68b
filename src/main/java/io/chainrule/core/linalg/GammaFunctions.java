package io.chainrule.core.linalg;

import io.chainrule.core.elementary.Circular;
import io.chainrule.core.elementary.Logarithm;

/**
 * log |Γ| and its derivative on the whole real line, in bounded time: power series near 1 and 2, recurrence up to 15,
 * asymptotic series above, reflection below 0.
 */
public final class GammaFunctions {
    static final double ASYMPTOTIC = 15;
    private static final double HALF_LOG_TWO_PI_LESS_HALF = 0.4189385332046727;
    private static final double ONE_LESS_EULER = 0.42278433509846713;

    /** B₂, B₄, … */
    static final double[] BERNOULLI = {1 / 6.0, -1 / 30.0, 1 / 42.0, -1 / 30.0, 5 / 66.0, -691 / 2730.0, 7 / 6.0, -3617 / 510.0,
            43867 / 798.0, -174611 / 330.0, 854513 / 138.0, -236364091 / 2730.0, 8553103 / 6.0, -23749461029.0 / 870};

    /** ζ(k) − 1 from k = 2 on. */
    private static final double[] ZETA_LESS_ONE = {0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993,
            0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
            0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-05, 3.058823630702049e-05,
            1.528225940865187e-05, 7.637197637899763e-06, 3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07,
            4.769329867878064e-07, 2.38450502727733e-07, 1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08,
            1.4901554828365043e-08, 7.45071178983543e-09, 3.725334024788457e-09, 1.862659723513049e-09, 9.313274324196682e-10};

    /** The positive root of the digamma function as the sum of two numbers, and the function's power series there. */
    private static final double ROOT = 1.4616321449683622;
    private static final double ROOT_REST = 9.549995429965697e-17;
    private static final double[] AT_ROOT = {0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652,
            0.10782405069126237, -0.07219956125645471, 0.04880428816414311, -0.03316112647484736, 0.022597648232218104,
            -0.01542476590494896, 0.010538791616612175, -0.007204534386356869, 0.004926781395729853, -0.003369801655439328,
            0.002305126326734928, -0.0015769367714301972, 0.0010788252019162967, -0.0007380709389960052, 0.000504953265834602,
            -0.0003454680251063077, 0.00023635601564027053, -0.00016170622091974803, 0.0001106337276874741};

    private GammaFunctions() {}

    /** log |Γ(x)|; +∞ at the poles. */
    public static double logGamma(double x) {
        if (x <= 0 && x == Math.rint(x) || x == Double.POSITIVE_INFINITY) {
            return Double.POSITIVE_INFINITY;
        } else if (x <= -0.5) {
            return Logarithm.log(Math.PI / (-x * Math.abs(Circular.sin(Math.PI * (x - Math.rint(x)))))) - logGamma(-x);
        } else if (x < 0.5) {
            return logGammaAroundTwo(x) - Logarithm.log1p(x) - Logarithm.log(Math.abs(x));
        } else if (x < 1.5) {
            return logGammaAroundTwo(x - 1) - Logarithm.log1p(x - 1);
        } else if (x < ASYMPTOTIC) {
            double product = 1;
            double low = x;
            while (low > 2.5) {
                product *= --low;
            }
            return logGammaAroundTwo(low - 2) + Logarithm.log(product);
        }
        double sum = 0;
        for (int k = 6; k > 0; k--) {
            sum = sum / x / x + BERNOULLI[k - 1] / (2 * k * (2 * k - 1));
        }
        return (x - 0.5) * (Logarithm.log(x) - 1) + (HALF_LOG_TWO_PI_LESS_HALF + sum / x);
    }

    /** log Γ(2 + z) for |z| ≤ 1/2. */
    private static double logGammaAroundTwo(double z) {
        double sum = 0;
        for (int k = ZETA_LESS_ONE.length + 1; k > 1; k--) {
            sum = ZETA_LESS_ONE[k - 2] / k - z * sum;
        }
        return z * (ONE_LESS_EULER + z * sum);
    }

    public static double digamma(double x) {
        if (x <= 0) {
            return x == 0
                    ? Math.copySign(Double.POSITIVE_INFINITY, -x)
                    : x == Math.rint(x) ? Double.NaN : digamma(1 - x) - Math.PI * cotangent(x);
        } else if (Math.abs(x - ROOT) < 0.25) {
            double sum = 0;
            for (int k = AT_ROOT.length - 1; k >= 0; k--) {
                sum = AT_ROOT[k] + (x - ROOT) * sum;
            }
            return (x - ROOT - ROOT_REST) * sum;
        } else if (x < 0.5) {
            return digammaAroundTwo(x) - 1 / (1 + x) - 1 / x;
        } else if (x < 1.5) {
            return digammaAroundTwo(x - 1) - 1 / x;
        } else if (x < ASYMPTOTIC) {
            double sum = 0;
            double low = x;
            while (low > 2.5) {
                low--;
                sum += 1 / low;
            }
            return digammaAroundTwo(low - 2) + sum;
        }
        double sum = 0;
        for (int k = 7; k > 0; k--) {
            sum = sum / x / x + BERNOULLI[k - 1] / (2 * k);
        }
        return Logarithm.log(x) - 0.5 / x - sum / x / x;
    }

    /** The digamma function at 2 + z for |z| ≤ 1/2. */
    private static double digammaAroundTwo(double z) {
        double sum = 0;
        for (int k = ZETA_LESS_ONE.length - 1; k >= 0; k--) {
            sum = ZETA_LESS_ONE[k] - z * sum;
        }
        return ONE_LESS_EULER + z * sum;
    }

    /** cot πx, where x is not a whole number. */
    static double cotangent(double x) {
        double r = x - Math.rint(x);
        return Math.abs(r) <= 0.25 ? 1 / Circular.tan(Math.PI * r) : Math.copySign(Circular.tan(Math.PI * (0.5 - Math.abs(r))), r);
    }
}
