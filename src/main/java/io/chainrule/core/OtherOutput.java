package io.chainrule.core;

import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
     * @param names the inputs that are known
     * @param shapes shapes of inputs that the program has been tried with
     * @param tried what it came to with each of them
     */
    @Nullable
    Program of(Program program, Set<String> names, List<Map<String, Shape>> shapes, List<NamedGraph> tried) {
        for (Source written : written(program)) {
            try {
                Program other = Program.of(written, limits.nesting());
                boolean isSame = true;
                for (int k = 0; k < tried.size() && isSame; k++) {
                    NamedGraph graph = StoredForm.tried(other, names, shapes.get(k), limits);
                    Integer found = graph.find(output);
                    isSame = found != null && found == graph.output() && nodes(graph).equals(nodes(tried.get(k)));
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
     * Of a text, the part up to the statement that last gives one of the names a value, and the whole text, each with a last line for the
     * output. Of a list of nodes, those that are needed.
     */
    private List<Source> written(Program program) {
        return switch (program.source()) {
            case Source.Text(String text, Map<String, StoredProgram> models) -> Stream.of(program.upTo(all()), text)
                    .filter(part -> part != null).map(part -> (Source) new Source.Text(part + "\n" + output, models)).toList();
            case Source.Nodes(List<NodeSpec> nodes, String _, Map<String, StoredProgram> models) ->
                List.of(new Source.Nodes(needed(nodes), output, models));
            default -> List.of();
        };
    }

    private Set<String> all() {
        Set<String> all = new LinkedHashSet<>(others);
        all.add(output);
        return all;
    }

    private List<NodeSpec> needed(List<NodeSpec> nodes) {
        Map<String, NodeSpec> byId = new HashMap<>();
        nodes.forEach(node -> byId.put(node.id(), node));
        Set<Object> needed = new HashSet<>();
        Deque<Object> next = new ArrayDeque<>(all());
        while (!next.isEmpty()) {
            Object id = next.remove();
            if (needed.add(id) && byId.containsKey(id)) {
                next.addAll(byId.get(id).inputs());
            }
        }
        return nodes.stream().filter(node -> needed.contains(node.id())).toList();
    }

    /** The nodes that the output and the others need; none where one of them is not there. */
    private List<NodeSpec> nodes(NamedGraph graph) {
        BitSet wanted = new BitSet();
        for (String id : all()) {
            Integer node = graph.find(id);
            if (node == null) {
                return List.of();
            }
            wanted.set(node);
        }
        return StoredForm.nodes(graph, StoredForm.needed(graph.graph(), wanted));
    }
}
