package io.chainrule.core.expression;

import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.OpCatalogue;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Conditions on values that are known before the program runs, as Python decides them. */
final class KnownConditions {
    private KnownConditions() {}

    /** Whether a comparison holds; empty if the values cannot be compared. */
    static Optional<Boolean> compare(Object left, Operator operator, Object right) {
        Object a = plain(left);
        Object b = plain(right);
        if (operator == Operator.EQUAL || operator == Operator.NOT_EQUAL) {
            return Optional.of(a.equals(b) == (operator == Operator.EQUAL));
        }
        boolean areNumbers = a instanceof Double && b instanceof Double;
        return areNumbers && Objects.requireNonNull(OpCatalogue.find(operator.op())).op() instanceof Elementwise op
                ? Optional.of(op.apply((Double) a, (Double) b, 0) == 1)
                : Optional.empty();
    }

    /** A truth value as the number that it is in Python. */
    private static Object plain(Object value) {
        return value instanceof Boolean flag ? (Object) (flag ? 1.0 : 0.0) : value;
    }

    /** Whether all conditions hold or, if {@code isAny}, one of them: a truth value or UNKNOWN; empty if one is no condition. */
    static Optional<Object> combine(List<Object> conditions, boolean isAny) {
        if (!conditions.stream().allMatch(condition -> condition instanceof Boolean || condition == Constants.UNKNOWN)) {
            return Optional.empty();
        } else if (conditions.contains(Constants.UNKNOWN)) {
            return Optional.of(Constants.UNKNOWN);
        }
        return Optional.of(isAny ? conditions.contains(true) : !conditions.contains(false));
    }
}
