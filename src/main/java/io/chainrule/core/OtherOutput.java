package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.ProblemException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a program that is kept as it was written with another output. What that output does not need is left out, so that what it reads
 * need not be given.
 *
 * @param output the name of the output
 * @param others the names of other nodes that the new program must keep
 */
record OtherOutput(String output, Set<String> others, BuildLimits limits) {
    /**
     * Returns the program with this output; null if it cannot be written.
     *
     * @param tried what the program came to with some lengths
     */
    @Nullable
    Program of(Program program, StoredInputs given, Trials tried) {
        Map<List<Object>, Integer> known = new HashMap<>();
        for (Source written : written(program)) {
            try {
                Program other = Program.of(written, limits.nesting());
                boolean isSame = true;
                for (int k = 0; k < tried.graphs().size() && isSame; k++) {
                    NamedGraph graph = Trials.graph(other, given.names(), given.shapes(tried.lengths().get(k)), limits);
                    Integer found = graph.find(output);
                    isSame = found != null && found == graph.output() && nodes(graph, known).equals(nodes(tried.graphs().get(k), known));
                }
                if (isSame) {
                    return other;
                }
            } catch (ProblemException _) {
                // The output is no name that a line can have, or a definition is the program.
            }
        }
        return null;
    }

    /**
     * The models that the output and the others need, by their references: those in the part of a text up to the last statement that gives
     * one of these a value, or those that nodes which are needed name.
     */
    Set<String> calls(Program program) {
        return program.source().models().isEmpty() ? Set.of() : written(program).getFirst().models().keySet();
    }

    /**
     * Of a text, the part up to the statement that last gives one of the names a value, and the whole text, each with a last line for the
     * output unless it ends with a statement that gives the output its value. Of a list of nodes, those that are needed.
     */
    private List<Source> written(Program program) {
        return switch (program.source()) {
            case Source.Text(String text, Map<String, StoredProgram> models) -> Stream
                    .concat(program.parts().map(parts -> parts.upTo(all())).stream(), Stream.of(text))
                    .map(part -> text(ending(part), models)).toList();
            case Source.Nodes(List<NodeSpec> nodes, String _, Map<String, StoredProgram> models, Map<String, String> aliases) -> {
                Set<Object> names = needed(nodes, aliases);
                List<NodeSpec> needed = nodes.stream().filter(node -> names.contains(node.id())).toList();
                Set<String> ops = needed.stream().map(node -> String.valueOf(node.op())).collect(Collectors.toSet());
                Map<String, String> second = new LinkedHashMap<>(aliases);
                second.values().retainAll(names);
                yield List.of(new Source.Nodes(needed, output, called(models, ops), second));
            }
            default -> List.of();
        };
    }

    private String ending(String text) {
        boolean isItsEnd = Program.of(new Source.Text(text), limits.nesting()).parts().filter(parts -> parts.endsWith(output)).isPresent();
        return isItsEnd ? text : text + "\n" + output;
    }

    private Source text(String text, Map<String, StoredProgram> models) {
        return new Source.Text(text, called(models, Program.of(new Source.Text(text), limits.nesting()).mentioned()));
    }

    /** The models that are still called. */
    private static Map<String, StoredProgram> called(Map<String, StoredProgram> models, Set<String> names) {
        Map<String, StoredProgram> called = new LinkedHashMap<>(models);
        called.keySet().retainAll(names);
        return called;
    }

    private Set<String> all() {
        Set<String> all = new LinkedHashSet<>(others);
        all.add(output);
        return all;
    }

    /** The ids of the nodes that are needed, and of inputs that are no nodes of the list. */
    private Set<Object> needed(List<NodeSpec> nodes, Map<String, String> aliases) {
        Map<String, NodeSpec> byId = new HashMap<>();
        nodes.forEach(node -> byId.put(node.id(), node));
        Set<Object> needed = new HashSet<>();
        Deque<Object> next = new ArrayDeque<>();
        all().forEach(name -> next.add(aliases.getOrDefault(name, name)));
        while (!next.isEmpty()) {
            Object id = next.remove();
            if (needed.add(id) && byId.containsKey(id)) {
                next.addAll(byId.get(id).inputs());
            }
        }
        return needed;
    }

    /**
     * Numbers for the output and the others. Nodes have equal numbers that compute the same, also in different graphs; names that were made
     * differ there, and so does the order of nodes.
     *
     * @param known the numbers that nodes have so far, by the op, its attributes and the numbers of its operands
     */
    private List<Integer> nodes(NamedGraph graph, Map<List<Object>, Integer> known) {
        BitSet wanted = new BitSet();
        for (String id : all()) {
            Integer node = graph.find(id);
            if (node == null) {
                return List.of();
            }
            wanted.set(node);
        }
        Map<String, Integer> numbers = new HashMap<>();
        for (NodeSpec node : StoredForm.nodes(graph, StoredForm.needed(graph.graph(), wanted))) {
            String id = String.valueOf(node.id());
            String op = String.valueOf(node.op());
            List<Object> operands = node.inputs().stream().map(operand -> numbers.containsKey(operand) ? numbers.get(operand) : operand)
                    .toList();
            Integer input = graph.find(id);
            boolean isInput = input != null && graph.graph().op(input) instanceof Leaf.Input;
            numbers.put(id, known.computeIfAbsent(List.of(op, node.attributes(), operands, isInput ? id : ""), _ -> known.size()));
        }
        return all().stream().map(id -> Objects.requireNonNull(numbers.get(graph.id(Objects.requireNonNull(graph.find(id)))))).toList();
    }
}
