package io.chainrule.core.code;

import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The statements of a function, with its arrays and loops. */
final class LoopLines {
    private static final String LOOP_VARIABLES = "ijklmnqr";

    private final Dialect dialect;
    private final Names names;
    /** Arrays that the caller gives. */
    private final Set<String> outside = new HashSet<>();
    private final List<String> loopVariables = new ArrayList<>();
    private final StringBuilder out = new StringBuilder();

    LoopLines(Dialect dialect, Names names) {
        this.dialect = dialect;
        this.names = names;
    }

    String text() {
        return out.toString();
    }

    void giveFromOutside(String array) {
        outside.add(array);
    }

    static String note(Shape shape) {
        return shape.isScalar() ? "" : "  // " + shape;
    }

    void emit(String text) {
        out.append(text).append('\n');
    }

    /** Declares an array, unless the caller gives it; its elements are set to zero if that is needed. */
    void declare(String name, Shape shape, boolean needsZeros) {
        if (!outside.contains(name)) {
            emit(dialect.array(name, shape.length()) + note(shape));
        } else if (needsZeros) {
            each(shape.length(), i -> name + "[" + i + "] = 0.0;");
        }
    }

    boolean isOutside(String name) {
        return outside.contains(name);
    }

    String fresh(String prefix) {
        return names.numbered(prefix);
    }

    /** The variable of a loop within so many others. */
    String loopVariable(int axis) {
        while (loopVariables.size() <= axis) {
            int next = loopVariables.size();
            loopVariables.add(names.of(next < LOOP_VARIABLES.length() ? LOOP_VARIABLES.substring(next, next + 1) : "i" + next));
        }
        return loopVariables.get(axis);
    }

    /** A loop over a number of elements. */
    void each(int length, Function<String, String> statement) {
        nested(Shape.of(length), index -> statement.apply(index.getFirst()));
    }

    /** Loops over all indices of a shape. */
    void nested(Shape shape, Function<List<String>, String> statement) {
        List<String> index = new ArrayList<>();
        int depth = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            index.add(shape.dim(axis) == 1 ? "0" : loopVariable(depth));
            if (shape.dim(axis) != 1) {
                emit("    ".repeat(depth++) + dialect.loop(index.getLast(), shape.dim(axis)));
            }
        }
        emit("    ".repeat(depth) + statement.apply(index));
        while (depth-- > 0) {
            emit("    ".repeat(depth) + "}");
        }
    }
}
