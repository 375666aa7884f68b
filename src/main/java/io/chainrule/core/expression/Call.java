package io.chainrule.core.expression;

import io.chainrule.core.op.OpDefinition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call whose arguments are being evaluated. Either {@code op} or {@code function} is set; both are null if nothing has the name,
 * which has been reported already.
 */
final class Call {
    final int token;
    /** The height of the operand stack before the arguments. */
    final int base;
    final @Nullable OpDefinition op;
    final Functions.@Nullable Function function;
    /** The node that ends the list whose items are the operands, as in {@code concatenate([x, y])}; 0 if there is no such list. */
    int sequence;
    /** The values of attributes by name, in the order of the call. */
    Map<String, Object> attributes = Map.of();
    /**
     * The tokens of the names of keyword arguments. Keys are the attributes' names in a call of an op, and the arguments' positions in
     * a call of a function.
     */
    Map<Object, Integer> names = Map.of();

    Call(int token, int base, @Nullable OpDefinition op, Functions.@Nullable Function function) {
        this.token = token;
        this.base = base;
        this.op = op;
        this.function = function;
    }

    /** Records the name of a keyword argument. Returns false if the argument was named before. */
    boolean name(Object argument, int at) {
        if (names.isEmpty()) {
            names = new HashMap<>();
            attributes = new LinkedHashMap<>();
        }
        return names.putIfAbsent(argument, at) == null;
    }
}
