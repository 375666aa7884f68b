package io.chainrule.core;

import io.chainrule.core.expression.TextParts;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Second names of nodes in a list of nodes, which has one name for each: after {@code y = h}, {@code y} is a second name of {@code h}.
 *
 * @param ids maps each second name to the id of its node
 */
record SecondNames(Map<String, String> ids) {
    /**
     * The second names of the {@code needed} nodes of a program: of a text, those that its statements give, and those that are asked for.
     * Names of earlier values of a variable, as {@code h_1}, are left out, since a loop may make any number of them.
     */
    static SecondNames of(Program program, NamedGraph graph, BitSet needed, Set<String> outputs, String output) {
        Set<String> wanted = new HashSet<>(program.parts().map(TextParts::given).orElse(graph.aliases().keySet()));
        wanted.addAll(outputs);
        wanted.add(output);
        Map<String, String> ids = new TreeMap<>();
        graph.aliases().forEach((name, node) -> {
            if (wanted.contains(name) && needed.get(node) && !graph.graph().isLiteral(node)) {
                ids.put(name, graph.id(node));
            }
        });
        return new SecondNames(ids);
    }

    /**
     * The graph of the list, with these names.
     *
     * @param output the name of the output, if one is given
     * @param inputs the names of the inputs that have values
     * @throws io.chainrule.core.graph.ProblemException if a node is not there, or if a name is that of another node or input
     */
    NamedGraph in(NamedGraph graph, @Nullable String output, Set<String> inputs) {
        Problems problems = new Problems();
        Map<String, Integer> nodes = new LinkedHashMap<>();
        Collection<String> known = ids.values().stream().allMatch(id -> graph.find(id) != null) ? List.of() : graph.allIds();
        ids.forEach((name, id) -> {
            Integer node = graph.find(id);
            Integer other = graph.find(name);
            if (node == null) {
                problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "the graph has no node '" + id + "'")
                        .at(Place.nodeList("aliases", name)).hint(Nearest.hint(id, known).orElse(null)));
            } else if (inputs.contains(name)) {
                problems.add(duplicate(name, id, "has a value or a shape, too"));
            } else if (other != null && (graph.isNamed(other) || graph.aliases().containsKey(name))) {
                problems.add(duplicate(name, id, "is the id of a node").at(Place.nodeList("aliases", name)));
            } else {
                nodes.put(name, node);
            }
        });
        problems.throwIfAny();
        return graph.withAliases(nodes, output != null && nodes.containsKey(output) ? output : null);
    }

    private static Problem duplicate(String name, String id, String other) {
        return Problem.of(ProblemCode.DUPLICATE_ID, "'" + name + "' is a second name of '" + id + "' and " + other).node(name);
    }
}
