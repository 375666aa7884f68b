package io.chainrule.core.expression;

import io.chainrule.core.op.OpDefinition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call whose arguments are being evaluated: of a function, of an op, or of neither where nothing has the name, which has been reported. */
final class Call {
    final int token;
    /** The height of the operand stack before the arguments. */
    final int base;
    final @Nullable OpDefinition op;
    final Functions.@Nullable Function function;
    /** The node that ends the list whose items are the operands; 0 where there is none. */
    int sequence;
    /** By name, in the order in which they are given. */
    Map<String, Object> attributes = Map.of();
    /** The tokens of the names of arguments, by the attribute's name or the argument's position. */
    Map<Object, Integer> names = Map.of();

    Call(int token, int base, @Nullable OpDefinition op, Functions.@Nullable Function function) {
        this.token = token;
        this.base = base;
        this.op = op;
        this.function = function;
    }

    /** Answers whether the argument was not named before. */
    boolean name(Object argument, int at) {
        if (names.isEmpty()) {
            names = new HashMap<>();
            attributes = new LinkedHashMap<>();
        }
        return names.putIfAbsent(argument, at) == null;
    }
}
