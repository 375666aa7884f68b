package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The meaning of names at the current point of evaluation, and the ids that nodes get when the program ends. */
final class Scope {
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Problems problems;
    private final Set<String> givenInputs;
    private final Map<String, Integer> inputs = new LinkedHashMap<>();
    private final Map<String, Variable> variables = new HashMap<>();
    private final List<Binding> bindings = new ArrayList<>();
    private final Functions functions;
    /** The parameters of the functions whose bodies are being evaluated. Only those of the innermost function are visible. */
    private final Deque<Map<String, Integer>> parameters = new ArrayDeque<>();
    private final Map<String, Counter> counters = new HashMap<>();

    /** A name that statements bind. {@code remaining} is the number of its bindings that have no id yet. */
    private static final class Variable {
        private final String name;
        private int latest;
        private int remaining;
        private int suffix;

        Variable(String name) {
            this.name = name;
        }
    }

    /** The value of a loop variable, which the variable keeps after the loop. {@code isRunning} is true within the loop. */
    private record Counter(long value, boolean isRunning) {}

    private record Binding(Variable variable, int node) {}

    /** The ids of the nodes, null for unnamed ones, and the aliases, which are further names of nodes that have an id. */
    record Ids(@Nullable String[] names, Map<String, Integer> aliases) {}

    Scope(Tokens tokens, NodeWriter writer, Problems problems, Functions functions, Set<String> givenInputs) {
        this.tokens = tokens;
        this.writer = writer;
        this.problems = problems;
        this.functions = functions;
        this.givenInputs = givenInputs;
    }

    /** Whether the name is bound to a value, or is the name of an input that the caller has a value for. */
    boolean isValue(String name) {
        return parameter(name) != null || counters.containsKey(name) || variables.containsKey(name) || inputs.containsKey(name)
                || givenInputs.contains(name);
    }

    /** Returns the number that a name stands for: a loop variable, true, false, or a constant that no value hides. */
    OptionalDouble number(String name) {
        Counter counter = parameter(name) == null ? counters.get(name) : null;
        return counter != null ? OptionalDouble.of((double) counter.value) : switch (name) {
            case "true" -> OptionalDouble.of(1);
            case "false" -> OptionalDouble.of(0);
            default -> isValue(name) ? OptionalDouble.empty() : Names.constant(name);
        };
    }

    /**
     * Returns the node of a name. The name is looked up among the parameters, then the loop variables, then the names that statements
     * have bound; any other name is an input.
     */
    int read(String name, int token) {
        Integer parameter = parameter(name);
        if (parameter != null) {
            return parameter;
        }
        Counter counter = counters.get(name);
        if (counter != null) {
            return writer.literal((double) counter.value, token);
        }
        Variable variable = variables.get(name);
        return variable != null ? variable.latest : input(name, token);
    }

    private int input(String name, int token) {
        if (writer.isPaused()) {
            return NodeWriter.BROKEN;
        } else if (functions.isDefined(name) && !inputs.containsKey(name) && !givenInputs.contains(name)) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token, "'" + name + "' is a function, not a value")
                    .hint("call it, " + name + "(…)"));
            return NodeWriter.BROKEN;
        }
        return inputs.computeIfAbsent(name, id -> writer.leaf(new Leaf.Input(id, null), token));
    }

    /** Enters the body of a function, in which these names are bound to these nodes. */
    void enter(Map<String, Integer> nodes) {
        parameters.push(nodes);
    }

    /** The same for parameters that have no arguments yet, because a definition is being checked. */
    void enterUnknown(List<String> names) {
        enter(names.stream().collect(Collectors.toMap(Function.identity(), _ -> NodeWriter.BROKEN)));
    }

    void leave() {
        parameters.pop();
    }

    private @Nullable Integer parameter(String name) {
        return parameters.isEmpty() ? null : parameters.element().get(name);
    }

    /** Whether the name is a loop variable or a parameter, whose value may be known before the program runs. */
    boolean isFixed(String name) {
        return parameter(name) != null || counters.containsKey(name);
    }

    /** Returns the value of a loop variable or parameter, if it is a number. */
    OptionalDouble fixed(String name) {
        Integer parameter = parameter(name);
        return parameter == null ? number(name) : writer.number(parameter);
    }

    /** Reports a name that cannot be a loop variable. */
    void checkCount(int token) {
        Counter counter = counters.get(tokens.text(token));
        if (counter != null && counter.isRunning) {
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, running(token)).hint("give this loop another name"));
        } else {
            checkInput(token);
        }
    }

    void count(String name, long value) {
        counters.put(name, new Counter(value, true));
    }

    void endCount(@Nullable String name) {
        if (name != null) {
            counters.computeIfPresent(name, (key, counter) -> new Counter(counter.value, false));
        }
    }

    private String running(int token) {
        return tokens.quoted(token) + " counts the loop around this line; it cannot be bound in it";
    }

    /** Returns whether a statement may bind the name. Reports it if it is the name of an input. */
    private boolean checkInput(int token) {
        String name = tokens.text(token);
        Integer input = inputs.get(name);
        if (input != null || givenInputs.contains(name)) {
            String reason = input == null ? "one of the inputs" : "an input, read at " + tokens.place(writer.token(input));
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, "'" + name + "' is " + reason + "; it cannot be bound again")
                    .hint("give the result another name"));
            return false;
        }
        return true;
    }

    void bind(int token, int node) {
        String name = tokens.text(token);
        Counter counter = counters.get(name);
        if (counter != null && counter.isRunning) {
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, running(token)).hint("give the result another name"));
        } else if (checkInput(token) && !writer.isPaused()) {
            counters.remove(name);
            Variable variable = variables.computeIfAbsent(name, Variable::new);
            variable.latest = node;
            variable.remaining++;
            bindings.add(new Binding(variable, node));
        }
    }

    /**
     * Returns the ids of the nodes. The last binding of {@code h} gets the id {@code h}, earlier ones get {@code h_1}, {@code h_2}, …;
     * an id that is taken is skipped.
     */
    Ids ids(int nodes) {
        @Nullable
        String[] names = new String[nodes];
        Map<String, Integer> aliases = new LinkedHashMap<>();
        inputs.forEach((id, node) -> names[node] = id);
        for (Binding binding : bindings) {
            Variable variable = binding.variable;
            String id = --variable.remaining == 0 ? variable.name : earlierId(variable);
            if (names[binding.node] == null) {
                names[binding.node] = id;
            } else {
                aliases.put(id, binding.node);
            }
        }
        return new Ids(names, aliases);
    }

    private String earlierId(Variable variable) {
        String id;
        do {
            id = variable.name + "_" + ++variable.suffix;
        } while (variables.containsKey(id) || inputs.containsKey(id));
        return id;
    }
}
