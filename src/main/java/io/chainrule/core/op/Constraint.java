package io.chainrule.core.op;

import java.util.List;

/** A bound on the values that an attribute takes; for a list, on each number in it. */
public sealed interface Constraint {

    boolean allows(Object value);

    /** What such a value is: "at least 1", "from 0.0 to 1.0", "one of [mean, sum]". */
    String text();

    static Range atLeast(Number low) {
        return new Range(low, Double.POSITIVE_INFINITY, false);
    }

    /** Both bounds included. */
    static Range between(Number low, Number high) {
        return new Range(low, high, false);
    }

    /** Numbers from {@code low} to {@code high}, which {@code below} leaves out; an infinite bound is none. */
    record Range(Number low, Number high, boolean below) implements Constraint {

        @Override
        public boolean allows(Object value) {
            double number = ((Number) value).doubleValue();
            return number >= low.doubleValue() && (below ? number < high.doubleValue() : number <= high.doubleValue());
        }

        @Override
        public String text() {
            return isOpen() ? "at least " + low : after("");
        }

        /** As it follows the noun in "a number from 0". */
        String after(String noun) {
            return noun + "from " + low + (isOpen() ? "" : (below ? " and below " : " to ") + high);
        }

        /** What a client means by no bound, whether it counts in ints or in doubles. */
        private boolean isOpen() {
            return high.doubleValue() == Double.POSITIVE_INFINITY || high.equals(Integer.MAX_VALUE);
        }
    }

    /** One of these texts. */
    record Choice(List<String> names) implements Constraint {

        @Override
        public boolean allows(Object value) {
            return value instanceof String && names.contains(value);
        }

        @Override
        public String text() {
            return "one of " + names;
        }
    }
}
