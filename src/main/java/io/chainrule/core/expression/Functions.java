package io.chainrule.core.expression;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The functions of a program, whose bodies are evaluated at each call, with the parameters standing for the nodes of the
 * arguments. What a name means is decided where it is called, as in Python: the latest definition so far.
 */
final class Functions {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Problems problems;
    private final Map<String, Function> defined = new HashMap<>();
    /** The function whose definition is being looked at. */
    private @Nullable String defining;

    private static final class Function {
        final Statement.Definition definition;
        /** Whether its mistakes have been reported: its calls are none. */
        boolean isBroken;
        /** Whether its body is being evaluated for a call. */
        boolean isActive;

        Function(Statement.Definition definition, boolean isBroken) {
            this.definition = definition;
            this.isBroken = isBroken;
        }
    }

    /** The function that is called, null where it has no meaning yet. */
    static final class Callee {
        private final @Nullable Function function;

        private Callee(@Nullable Function function) {
            this.function = function;
        }
    }

    /** The body of a function, evaluated for a call; what comes after it, and what was so before. */
    static final class Entered {
        private final Function function;
        private final int returnTo;
        private final int returnEnd;
        private final @Nullable InlineFrame outer;

        private Entered(Function function, int returnTo, int returnEnd, @Nullable InlineFrame outer) {
            this.function = function;
            this.returnTo = returnTo;
            this.returnEnd = returnEnd;
            this.outer = outer;
        }

        Statement.Expression expression() {
            return function.definition.body();
        }

        int returnTo() {
            return returnTo;
        }

        int returnEnd() {
            return returnEnd;
        }
    }

    Functions(SyntaxTree tree, NodeWriter writer, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.writer = writer;
        this.problems = problems;
    }

    void beginDefinition(Statement.Definition definition) {
        defining = definition.name();
    }

    void endDefinition(Statement.Definition definition, boolean isBroken) {
        defining = null;
        defined.put(definition.name(), new Function(definition, isBroken));
    }

    boolean isDefined(String name) {
        return defined.containsKey(name);
    }

    /** What is called by this name; null where that is no function. */
    @Nullable
    Callee find(int token, String name) {
        Function function = defined.get(name);
        if (name.equals(defining)) {
            problems.add(recursion(token, name + " → " + name));
        } else if (function == null && !(writer.isPaused() && tree.definition(name) != null)) {
            return null;
        }
        return new Callee(writer.isPaused() ? null : function);
    }

    /** Begins the body of a function whose arguments have been evaluated; null where there is nothing to evaluate. */
    @Nullable
    Entered enter(Call call, Callee callee, int[] arguments, Scope scope, int returnTo, int returnEnd) {
        Function function = callee.function;
        if (function == null || function.isBroken) {
            return null;
        } else if (function.isActive) {
            function.isBroken = true;
            problems.add(recursion(call.token, circle(function.definition.name())));
            return null;
        }
        Map<String, Integer> bound = bound(call, function.definition, arguments);
        if (bound == null || Arrays.stream(arguments).anyMatch(argument -> argument == NodeWriter.BROKEN)) {
            return null;
        }
        Entered entered = new Entered(function, returnTo, returnEnd, writer.frame());
        writer.enter(new InlineFrame.Call(writer.frame(), function.definition.name(), tokens.start(call.token)),
                function.definition.tokens());
        function.isActive = true;
        scope.enter(bound);
        return entered;
    }

    void leave(Entered entered) {
        entered.function.isActive = false;
        writer.returnTo(entered.outer);
    }

    /** The parameters with their arguments; null where they do not fit. */
    private @Nullable Map<String, Integer> bound(Call call, Statement.Definition definition, int[] arguments) {
        List<String> parameters = definition.parameters();
        Map<String, Integer> bound = new HashMap<>();
        int before = problems.total();
        for (int i = 0; i < arguments.length; i++) {
            Integer keyword = call.keywords().get(i);
            if (keyword == null) {
                if (i < parameters.size()) {
                    bound.put(parameters.get(i), arguments[i]);
                }
                continue;
            }
            String name = tokens.text(keyword);
            if (!parameters.contains(name)) {
                problems.add(() -> writer
                        .problem(ProblemCode.BAD_ATTRIBUTE, keyword, "function " + definition.name() + " has no parameter '" + name + "'")
                        .attribute(name).hint(Nearest.hint(name, parameters).orElse(null)));
            } else if (bound.putIfAbsent(name, arguments[i]) != null) {
                problems.add(writer.problem(ProblemCode.BAD_ATTRIBUTE, keyword, "parameter '" + name + "' is given twice").attribute(name));
            }
        }
        if (problems.total() == before && (arguments.length != parameters.size() || bound.size() != parameters.size())) {
            String wanted = parameters.size() + (parameters.size() == 1 ? " argument" : " arguments")
                    + (parameters.isEmpty() ? "" : " (" + String.join(", ", parameters) + ")");
            problems.add(writer
                    .problem(ProblemCode.WRONG_ARITY, call.token,
                            "function " + definition.name() + " takes " + wanted + ", not " + arguments.length)
                    .expected(wanted, Integer.toString(arguments.length))
                    .hint("it is defined at " + tokens.place(definition.token())));
        }
        return problems.total() == before ? bound : null;
    }

    private Problem recursion(int token, String circle) {
        return writer.problem(ProblemCode.SYNTAX_ERROR, token, "a function cannot call itself: " + circle)
                .hint("functions are written out at each call; a loop is written for i in 0:10");
    }

    /** The calls from the one of this function on, which are all in the circle. */
    private String circle(String name) {
        StringBuilder circle = new StringBuilder(name);
        InlineFrame frame = writer.frame();
        while (frame instanceof InlineFrame.Call call && !call.function().equals(name)) {
            circle.insert(0, call.function() + " → ");
            Objects.requireNonNull(defined.get(call.function())).isBroken = true;
            frame = call.outer();
        }
        return circle.insert(0, name + " → ").toString();
    }
}
