package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What the names of a text mean that are known before the program runs: loop variables, parameters, and names of numbers. */
record NamesInText(Scope scope, NodeWriter writer, Tokens tokens, Problems problems) implements Constants.KnownNames {
    @Override
    public @Nullable Object value(String name, int token, ConstantRole role) {
        OptionalDouble number = role.takesNames() ? scope.known(name) : scope.isFixed(name) ? scope.fixed(name) : OptionalDouble.empty();
        if (role.isFlag() && number.isPresent() && (number.getAsDouble() == 0 || number.getAsDouble() == 1)) {
            return number.getAsDouble() == 1;
        } else if (number.isPresent() && (!role.isWhole() || Constants.isWhole(number.getAsDouble()))) {
            return number.getAsDouble();
        }
        List<Object> list = role.takesNames() ? scope.list(name) : List.of();
        if (!list.isEmpty()) {
            return list;
        } else if (role.equals(ConstantRole.ANY) || !scope.isFixed(name)) {
            return null;
        } else if (scope.read(name, token) != NodeWriter.BROKEN) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token,
                    role.what() + " is " + role.wantedValue() + ", and " + tokens.quoted(token) + " is none"));
        }
        return Constants.UNKNOWN;
    }

    @Override
    public @Nullable Shape shape(String name, int token) {
        return scope.shape(name, token);
    }

    @Override
    public @Nullable Iteration items(String name, int token) {
        int node = scope.isValue(name) ? scope.read(name, token) : NodeWriter.BROKEN;
        Shape shape = writer.shape(node);
        return shape == null || shape.isScalar() ? null : new Iteration.Items(node, shape.dim(0));
    }

    @Override
    public boolean isValue(String name) {
        return scope.isValue(name);
    }

    @Override
    public boolean isPaused() {
        return writer.isPaused();
    }

    @Override
    public Problem problem(int token, String message) {
        return writer.problem(ProblemCode.SYNTAX_ERROR, token, message);
    }
}
