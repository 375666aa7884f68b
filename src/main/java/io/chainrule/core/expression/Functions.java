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
 * The functions that a program defines. Calls are inlined: at each call the body is evaluated again, with the parameters bound to the
 * nodes of the arguments. As in Python, a name is looked up when the call is evaluated, and means the latest definition so far.
 */
final class Functions {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Problems problems;
    private final Map<String, Function> defined = new HashMap<>();
    /** The function whose definition is being checked. */
    private @Nullable String defining;
    /**
     * A placeholder for a function that is called in the body of a definition, where it need not be defined yet. Calls of it add no
     * nodes.
     */
    private final Function later = new Function(
            new Statement.Definition(0, "", List.of(), 0, 0, null), 0, true);

    static final class Function {
        final Statement.Definition definition;
        /** The number of the first statement of its body. */
        final int body;
        /** Whether mistakes in the function have been reported. Calls of it are then BROKEN, without another problem. */
        boolean isBroken;
        /** Whether its body is being evaluated for a call. */
        boolean isActive;

        Function(Statement.Definition definition, int body, boolean isBroken) {
            this.definition = definition;
            this.body = body;
            this.isBroken = isBroken;
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

    /** {@code body} is the number of the first statement of the body. */
    void endDefinition(Statement.Definition definition, int body, boolean isBroken) {
        defining = null;
        defined.put(definition.name(), new Function(definition, body, isBroken));
    }

    boolean isDefined(String name) {
        return defined.containsKey(name);
    }

    /** Returns the function that a call of this name refers to, or null if there is none. */
    @Nullable
    Function find(int token, String name) {
        if (name.equals(defining)) {
            problems.add(recursion(token, name + " → " + name));
            return later;
        }
        return writer.isPaused() && tree.definition(name) != null ? later : defined.get(name);
    }

    /** Whether the body of a function can be evaluated for a call; reports a recursion. */
    boolean isReady(Call call, Function function) {
        if (function.isBroken) {
            return false;
        } else if (function.isActive) {
            function.isBroken = true;
            problems.add(recursion(call.token, circle(function.definition.name())));
            return false;
        }
        return true;
    }

    /**
     * Enters the body of a function whose arguments have been evaluated. Returns false if there is a mistake and the body is not to be
     * evaluated.
     */
    boolean enter(Call call, Function function, int[] arguments, Scope scope) {
        Statement.Definition definition = function.definition;
        Map<String, Integer> bound = bound(call, "function " + definition.name(), definition.parameters(),
                "it is defined at " + tokens.place(definition.token()), arguments);
        if (bound == null || Arrays.stream(arguments).anyMatch(argument -> argument == NodeWriter.BROKEN)) {
            return false;
        }
        writer.enter(new InlineFrame.Call(writer.frame(), definition.name(), tokens.start(call.token)), definition.tokens());
        function.isActive = true;
        scope.enter(bound);
        return true;
    }

    /**
     * Binds arguments to parameters. If they do not match, reports that and returns null.
     *
     * @param called what is called, as messages say
     */
    @Nullable
    Map<String, Integer> bound(Call call, String called, List<Statement.Parameter> taken, @Nullable String hint, int[] arguments) {
        List<String> parameters = taken.stream().map(Statement.Parameter::name).toList();
        Map<String, Integer> bound = new HashMap<>();
        int before = problems.total();
        for (int i = 0; i < arguments.length; i++) {
            Integer keyword = call.names.get(i);
            if (keyword == null) {
                if (i < parameters.size()) {
                    bound.put(parameters.get(i), arguments[i]);
                }
                continue;
            }
            String written = tokens.text(keyword);
            // The text is read without full-width letters, which an input of a model may have.
            String name = parameters.contains(written)
                    ? written
                    : parameters.stream().filter(parameter -> Characters.plain(parameter).equals(written)).findFirst().orElse(written);
            if (!parameters.contains(name)) {
                problems.add(() -> writer
                        .problem(ProblemCode.BAD_ATTRIBUTE, keyword, called + " has no parameter '" + name + "'")
                        .attribute(name).hint(Nearest.hint(name, parameters).orElse(null)));
            } else if (bound.putIfAbsent(name, arguments[i]) != null) {
                problems.add(writer.problem(ProblemCode.BAD_ATTRIBUTE, keyword, "parameter '" + name + "' is given twice").attribute(name));
            }
        }
        for (Statement.Parameter parameter : taken) {
            Double value = parameter.value();
            if (value != null && !bound.containsKey(parameter.name()) && arguments.length < parameters.size()) {
                bound.put(parameter.name(), writer.literal(value, call.token));
            }
        }
        if (problems.total() == before && (arguments.length > parameters.size() || bound.size() != parameters.size())) {
            String wanted = parameters.size() + (parameters.size() == 1 ? " argument" : " arguments")
                    + (parameters.isEmpty() ? "" : " (" + String.join(", ", parameters) + ")");
            problems.add(writer
                    .problem(ProblemCode.WRONG_ARITY, call.token,
                            called + " takes " + wanted + ", not " + arguments.length)
                    .expected(wanted, Integer.toString(arguments.length))
                    .hint(hint));
        }
        return problems.total() == before ? bound : null;
    }

    private Problem recursion(int token, String circle) {
        return writer.problem(ProblemCode.SYNTAX_ERROR, token, "a function cannot call itself: " + circle)
                .hint("functions are written out at each call; a loop is written for i in 0:10");
    }

    /**
     * Describes the calls that form a recursion, from the active call of this function on. Marks their functions as broken, so that the
     * recursion is reported once.
     */
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
