package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The names that the statements of a program bind, perhaps several times, and the ids that the bound nodes get when the program ends. */
final class Variables {
    private final Map<String, Variable> variables = new HashMap<>();
    private final List<Bound> bindings = new ArrayList<>();

    /** A name. {@code remaining} is the number of its bindings that have no id yet. */
    private static final class Variable {
        private final String name;
        private int latest = NodeWriter.BROKEN;
        private int remaining;
        private int suffix;

        Variable(String name) {
            this.name = name;
        }
    }

    private record Bound(Variable variable, int node, int token) {}

    /** The ids of the nodes, null for unnamed ones, the aliases, which are further names of nodes that have an id, and the statements. */
    record Ids(@Nullable String[] names, Map<String, Integer> aliases, List<Binding> statements) {}

    boolean isBound(String name) {
        return variables.containsKey(name);
    }

    /** Returns the node that the name was bound to last; null if it is not bound. */
    @Nullable
    Integer latest(String name) {
        Variable variable = variables.get(name);
        return variable == null ? null : (Integer) variable.latest;
    }

    /** Binds a name, which stands at this token, to a node. Returns the node that it was bound to before, BROKEN if there was none. */
    int bind(String name, int node, int token) {
        Variable variable = variables.computeIfAbsent(name, Variable::new);
        int before = variable.latest;
        variable.latest = node;
        if (node != NodeWriter.BROKEN) {
            variable.remaining++;
            bindings.add(new Bound(variable, node, token));
        }
        return before;
    }

    /** Makes a name that is bound mean another node until it is exchanged again. Returns the node that it meant. */
    int exchange(String name, int node) {
        Variable variable = Objects.requireNonNull(variables.get(name));
        int before = variable.latest;
        variable.latest = node;
        return before;
    }

    /**
     * Returns the ids of the nodes. The last binding of {@code h} gets the id {@code h}, earlier ones get {@code h_1}, {@code h_2}, …;
     * an id that another node has is skipped, such as the id of an input whose elements the text assigns, and that of an input which is not
     * read.
     */
    Ids ids(int nodes, Inputs inputs, Tokens tokens) {
        @Nullable
        String[] names = new String[nodes];
        Map<String, Integer> aliases = new LinkedHashMap<>();
        List<Binding> statements = new ArrayList<>();
        inputs.nodes().forEach((id, node) -> names[node] = id);
        for (Bound binding : bindings) {
            Variable variable = binding.variable;
            String id = --variable.remaining == 0 && !inputs.has(variable.name) ? variable.name : earlierId(variable, inputs);
            statements.add(new Binding(id, variable.name, binding.node, tokens.position(binding.token)));
            if (names[binding.node] == null) {
                names[binding.node] = id;
            } else {
                aliases.put(id, binding.node);
            }
        }
        return new Ids(names, aliases, statements);
    }

    private String earlierId(Variable variable, Inputs inputs) {
        String id;
        do {
            id = variable.name + "_" + ++variable.suffix;
        } while (variables.containsKey(id) || inputs.has(id));
        return id;
    }
}
