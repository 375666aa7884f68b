package io.chainrule.core.expression;

import io.chainrule.core.op.OpDefinition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call whose arguments are being evaluated: of a function, or of an op, or of null where nothing has the name, which has been reported. */
final class Call {
    final int token;
    /** The height of the operand stack before the arguments. */
    final int base;
    final @Nullable OpDefinition op;
    final Functions.@Nullable Callee function;
    /** The node that ends the list whose items are the operands; 0 where there is none. */
    int sequence;
    private @Nullable Map<String, Object> attributes;
    private @Nullable Map<String, Integer> attributeTokens;
    private @Nullable Map<Integer, Integer> keywords;

    Call(int token, int base, @Nullable OpDefinition op) {
        this.token = token;
        this.base = base;
        this.op = op;
        this.function = null;
    }

    Call(int token, int base, Functions.Callee function) {
        this.token = token;
        this.base = base;
        this.op = null;
        this.function = function;
    }

    /** Answers whether the op's attribute was not given before. */
    boolean give(String attribute, int at, Object value) {
        if (attributes == null || attributeTokens == null) {
            attributes = new LinkedHashMap<>();
            attributeTokens = new HashMap<>();
        }
        boolean isFirst = attributeTokens.putIfAbsent(attribute, at) == null;
        if (isFirst) {
            attributes.put(attribute, value);
        }
        return isFirst;
    }

    Map<String, Object> attributes() {
        return attributes == null ? Map.of() : attributes;
    }

    /** The token at which the attribute is given, or that of the call. */
    int token(@Nullable String attribute) {
        return attributeTokens == null || attribute == null ? token : attributeTokens.getOrDefault(attribute, token);
    }

    /** The tokens of the names of a function's arguments, by the argument's position. */
    Map<Integer, Integer> keywords() {
        if (keywords == null) {
            keywords = new HashMap<>();
        }
        return keywords;
    }
}
