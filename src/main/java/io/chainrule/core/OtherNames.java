package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names nodes as they are asked for: after {@code y = p}, {@code y} is a second name of the node {@code p}, and a list of nodes has one
 * name for each.
 *
 * @param output the name of the output, if one is asked for
 * @param outputs other names that are asked for
 */
record OtherNames(NamedGraph graph, @Nullable String output, Set<String> outputs) {
    /**
     * The nodes of the graph under these names.
     *
     * @param own what the graph calls its output
     * @throws io.chainrule.core.graph.ProblemException if two names are given for one node
     */
    Source.Nodes in(List<NodeSpec> nodes, String own) {
        Map<String, String> names = new HashMap<>();
        Problems problems = new Problems();
        Map<String, Place> asked = new LinkedHashMap<>();
        outputs.forEach(name -> asked.put(name, Place.setting("outputs", name)));
        if (output != null) {
            asked.put(output, Place.setting("output"));
        }
        if (asked.isEmpty()) {
            return new Source.Nodes(nodes, own);
        }
        asked.forEach((name, place) -> {
            int node = Objects.requireNonNull(graph.find(name));
            String id = graph.id(node);
            String before = graph.graph().op(node) instanceof Leaf.Input ? names.getOrDefault(id, id) : names.putIfAbsent(id, name);
            if (before != null && !before.equals(name)) {
                problems.add(Problem.of(ProblemCode.DUPLICATE_ID, "'" + name + "' and '" + before + "' are names of one node").at(place)
                        .expected("one of them", "both").hint("make the second a node of its own, as by " + name + " = 1 * " + before));
            }
        });
        problems.throwIfAny();
        return new Source.Nodes(renamed(nodes, names), renamed(own, names));
    }

    /** The same nodes under other names. */
    static List<NodeSpec> renamed(List<NodeSpec> nodes, Map<String, String> names) {
        return nodes.stream().map(node -> new NodeSpec(renamed(String.valueOf(node.id()), names), node.op(),
                node.inputs().stream().map(operand -> operand instanceof String id ? (Object) renamed(id, names) : operand).toList(),
                node.attributes())).toList();
    }

    private static String renamed(String id, Map<String, String> names) {
        return names.getOrDefault(id, id);
    }
}
