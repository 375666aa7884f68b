package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What names mean at the current place, and which ids the nodes get in the end. */
final class Scope {
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Problems problems;
    private final Set<String> givenInputs;
    private final Map<String, Integer> inputs = new LinkedHashMap<>();
    private final Map<String, Variable> variables = new HashMap<>();
    private final List<Binding> bindings = new ArrayList<>();

    /** A name that statements bind, {@code remaining} times that have no id yet. */
    private static final class Variable {
        private final String name;
        private int latest;
        private int remaining;
        private int suffix;

        Variable(String name) {
            this.name = name;
        }
    }

    private record Binding(Variable variable, int node) {}

    /** The ids of the nodes, null for unnamed ones, and further names of nodes that have an id. */
    record Ids(@Nullable String[] names, Map<String, Integer> aliases) {}

    Scope(Tokens tokens, NodeWriter writer, Problems problems, Set<String> givenInputs) {
        this.tokens = tokens;
        this.writer = writer;
        this.problems = problems;
        this.givenInputs = givenInputs;
    }

    /** Whether the name stands for a node, or will once it is read. */
    boolean isValue(String name) {
        return variables.containsKey(name) || inputs.containsKey(name) || givenInputs.contains(name);
    }

    /** The number that a token stands for: digits, true, false, or a constant's name that nothing hides. */
    OptionalDouble number(int token) {
        return switch (tokens.kind(token)) {
            case NUMBER -> OptionalDouble.of(tokens.number(token));
            case NAME -> {
                String name = tokens.text(token);
                yield switch (name) {
                    case "true" -> OptionalDouble.of(1);
                    case "false" -> OptionalDouble.of(0);
                    default -> isValue(name) ? OptionalDouble.empty() : Names.constant(name);
                };
            }
            default -> OptionalDouble.empty();
        };
    }

    /** The node of a name: the latest statement's, else an input. */
    int read(int token) {
        String name = tokens.text(token);
        Variable variable = variables.get(name);
        return variable != null ? variable.latest : inputs.computeIfAbsent(name, id -> writer.leaf(new Leaf.Input(id, null), token));
    }

    void bind(int token, int node) {
        String name = tokens.text(token);
        Integer input = inputs.get(name);
        if (input != null || givenInputs.contains(name)) {
            String reason = input == null ? "one of the inputs" : "an input, read at " + tokens.place(writer.token(input));
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, "'" + name + "' is " + reason + "; it cannot be bound again")
                    .hint("give the result another name"));
        } else {
            Variable variable = variables.computeIfAbsent(name, Variable::new);
            variable.latest = node;
            variable.remaining++;
            bindings.add(new Binding(variable, node));
        }
    }

    /** The last binding of h is {@code h}, earlier ones are {@code h_1}, {@code h_2}, …; a taken id is passed over. */
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
