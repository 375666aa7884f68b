package io.chainrule.core.execution;

import io.chainrule.core.kernel.Kernels;

/** Looks at the elements of a value, a part at a time, for what a plan checks. Once it has found something it looks no further. */
final class ElementCheck {
    private final boolean seeksNonFinite;
    private final boolean seeksNonZero;
    private boolean hasNonFinite;
    private boolean hasNonZero;

    ElementCheck(boolean seeksNonFinite, boolean seeksNonZero) {
        this.seeksNonFinite = seeksNonFinite;
        this.seeksNonZero = seeksNonZero;
    }

    void look(double[] values, int from, int n) {
        if (seeksNonFinite && !hasNonFinite) {
            hasNonFinite = !Kernels.best().isFinite(values, from, n);
        }
        if (seeksNonZero && !hasNonZero) {
            hasNonZero = !isZero(values, from, n);
        }
    }

    static boolean isZero(double[] values, int from, int n) {
        for (int i = from; i < from + n; i++) {
            if (values[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Adds what another check found in other parts of the value. */
    void add(ElementCheck other) {
        hasNonFinite |= other.hasNonFinite;
        hasNonZero |= other.hasNonZero;
    }

    boolean hasNonFinite() {
        return hasNonFinite;
    }

    boolean hasNonZero() {
        return hasNonZero;
    }
}
