package io.chainrule.core.expression;

import io.chainrule.core.op.OpDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call whose arguments are being evaluated. */
final class Call {
    final int token;
    /** The height of the operand stack before the arguments. */
    final int base;
    final Callee callee;
    /** The node that ends the list whose items are the operands, as in {@code concatenate([x, y])}; 0 if there is no such list. */
    int sequence;
    /** The number of arguments without a name so far. */
    int positional;
    /** Whether the operands are written once for all of them. */
    boolean isEach;
    /** Whether the lengths of a shape are arguments of their own, so that more may follow. */
    boolean isOpenShape;
    /** The values of attributes by name, in the order of the call. */
    Map<String, Object> attributes = Map.of();
    /**
     * The tokens of the names of keyword arguments. Keys are the attributes' names in a call of an op, and the arguments' positions in
     * a call of a function.
     */
    Map<Object, Integer> names = Map.of();
    /** The arguments of a call of a library's function, in the order of the call. */
    List<Argument> arguments = List.of();

    /** What is called. */
    sealed interface Callee {
        /** An op of the catalogue. */
        record OfOp(OpDefinition op) implements Callee {}

        /** A function that the text defines. */
        record OfFunction(Functions.Function function) implements Callee {}

        /** A function of a library, or a method; {@code written} is how the call names it. */
        record OfLibrary(String written, Library library, String name) implements Callee {}

        /** A model, called by this name. */
        record OfModel(String name, ModelFunction model) implements Callee {}

        /** {@code len}, or another function or method of this name that depends on the shape alone. */
        record Length(String name, boolean isMethod) implements Callee {}

        /** {@code torch.autograd.grad}: the gradient of the first argument by the others. */
        record GradientOf() implements Callee {}

        /** Nothing has the name, which has been reported already. */
        record Unknown() implements Callee {}
    }

    /**
     * An argument of a library's function. It has operands, a value that is known before the program runs, or both.
     *
     * @param name the name of a keyword argument, else null
     * @param height the height of the operand stack before the argument's operands
     * @param isList whether the operands are the items of a list
     * @param value null if it is not known before the program runs
     */
    record Argument(@Nullable String name, int token, int height, boolean isList, @Nullable Object value) {}

    Call(int token, int base, Callee callee) {
        this.token = token;
        this.base = base;
        this.callee = callee;
    }

    @Nullable
    OpDefinition op() {
        return callee instanceof Callee.OfOp(OpDefinition op) ? op : null;
    }

    void add(Argument argument) {
        if (arguments.isEmpty()) {
            arguments = new ArrayList<>();
        }
        arguments.add(argument);
    }

    /** Records the name of a keyword argument. Returns false if the argument was named before. */
    boolean name(Object argument, int at) {
        if (names.isEmpty()) {
            names = new HashMap<>();
        }
        return names.putIfAbsent(argument, at) == null;
    }

    void put(String attribute, Object value) {
        if (attributes.isEmpty()) {
            attributes = new LinkedHashMap<>();
        }
        attributes.put(attribute, value);
    }
}
