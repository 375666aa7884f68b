package io.chainrule.web.v1;

import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Maps a program that is a list of nodes to the core's terms, and adds what is wrong with it to the errors of the request. */
record GraphMapper(List<ErrorDetail> errors) {
    Source.Nodes source(GraphProgram graph, Map<String, StoredProgram> models) {
        return new Source.Nodes(nodes(graph), graph.output(), models, Objects.requireNonNullElse(graph.aliases(), Map.of()));
    }

    private List<NodeSpec> nodes(GraphProgram graph) {
        if (graph.nodes() == null) {
            errors.add(
                    ErrorDetail.of(ProblemType.INVALID_VALUE, "the graph has no 'nodes'").at("/graph").expected("a list of nodes", "none"));
            return List.of();
        }
        List<NodeSpec> specs = new ArrayList<>(graph.nodes().size());
        for (GraphNode node : graph.nodes()) {
            specs.add(node(node, specs.size()));
        }
        return specs;
    }

    private NodeSpec node(GraphNode node, int index) {
        Map<String, Object> attributes = Objects.requireNonNullElse(node.attributes(), Map.of());
        if (node.shape() != null) {
            attributes = leafAttribute(node, index, "input", "shape", node.shape().toList().stream().map(Integer::doubleValue).toList());
        }
        if (node.value() != null) {
            attributes = leafAttribute(node, index, "constant", "value", node.value());
        }
        return new NodeSpec(node.id(), node.op(), Objects.requireNonNullElse(node.inputs(), List.of()), attributes);
    }

    /** Adds a field of a node to its attributes; it is an error unless the node's op is {@code op}. */
    private Map<String, Object> leafAttribute(GraphNode node, int index, String op, String name, Object value) {
        if (!op.equals(node.op())) {
            errors.add(ErrorDetail.of(ProblemType.BAD_ATTRIBUTE, "only a node of op '" + op + "' has a " + name)
                    .at("/graph/nodes/" + index + "/" + name)
                    .node(node.id()));
        }
        Map<String, Object> attributes = new LinkedHashMap<>(Objects.requireNonNullElse(node.attributes(), Map.of()));
        attributes.put(name, value);
        return attributes;
    }
}
