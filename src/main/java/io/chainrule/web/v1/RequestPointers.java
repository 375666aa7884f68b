package io.chainrule.web.v1;

import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the JSON Pointers into a request for problems that the core reports by node, line or attribute. */
final class RequestPointers {
    private final ProgramRequest request;
    private final Map<String, Integer> positions = new HashMap<>();
    private final Map<String, String> networkPointers = new HashMap<>();

    private RequestPointers(ProgramRequest request) {
        this.request = request;
        if (request.graph() != null && request.graph().nodes() != null) {
            List<GraphNode> nodes = request.graph().nodes();
            for (int i = 0; i < nodes.size(); i++) {
                positions.putIfAbsent(nodes.get(i).id(), i);
            }
        }
        NetworkProgram network = request.network();
        if (network != null) {
            if (network.input() != null) {
                networkPointers.put(network.input().name(), JsonPointer.of("network", "input", "name"));
            }
            if (network.loss() != null) {
                networkPointers.putIfAbsent(network.loss().target(), JsonPointer.of("network", "loss", "target"));
                networkPointers.putIfAbsent("loss", JsonPointer.of("network", "loss"));
            }
            locate(network.layers(), JsonPointer.of("network", "layers"));
        }
    }

    private void locate(@Nullable List<NetworkLayer> layers, String pointer) {
        for (int i = 0; layers != null && i < layers.size(); i++) {
            networkPointers.putIfAbsent(layers.get(i).name(), pointer + "/" + i);
            locate(layers.get(i).layers(), pointer + "/" + i + "/layers");
        }
    }

    static RequestException refusal(ProblemException e, ProgramRequest request) {
        RequestPointers pointers = new RequestPointers(request);
        return new RequestException(e.problems().stream().limit(RequestException.MOST).map(pointers::error).toList(), e.total());
    }

    private ErrorDetail error(Problem problem) {
        return ErrorDetail.of(ProblemType.of(problem.code().code()), problem.message()).at(pointer(problem)).node(problem.node())
                .position(problem.line(), problem.column()).expected(problem.expected(), problem.actual()).hint(problem.hint());
    }

    private @Nullable String pointer(Problem problem) {
        if (problem.pointer() != null) {
            return problem.pointer();
        }
        if (problem.place() != null) {
            return pointer(problem.place());
        }
        if (problem.line() != null) {
            return JsonPointer.of("expression");
        }
        String node = problem.node();
        Integer position = positions.get(node);
        if (position != null) {
            return JsonPointer.of("graph", "nodes", position) + inside(problem);
        }
        if (node != null && request.inputs() != null && request.inputs().containsKey(node)) {
            return JsonPointer.of("inputs", node);
        }
        return node != null && request.network() != null ? inNetwork(node) : null;
    }

    private static String pointer(Place place) {
        return switch (place) {
            case Place.OfLayer layer -> "/network" + layer.path().stream().map(number -> "/layers/" + number).collect(Collectors.joining())
                    + pointer(layer.parts());
            case Place.OfNetwork network -> "/network" + pointer(network.parts());
            case Place.OfSetting setting -> pointer(setting.parts());
            case Place.OfSample(boolean validation, String input, int sample) -> (validation ? "/validation" : "")
                    + JsonPointer.of("inputs", input, sample);
        };
    }

    private static String pointer(List<String> parts) {
        return JsonPointer.of(parts.toArray());
    }

    /** A parameter, data without a value, or the layer of a node {@code layer} or {@code layer/op_1}, as far as it has a name of its own. */
    private String inNetwork(String node) {
        if (request.parameters() != null && request.parameters().containsKey(node)) {
            return JsonPointer.of("parameters", node);
        }
        String owner = node;
        while (!networkPointers.containsKey(owner) && owner.contains("/")) {
            owner = owner.substring(0, owner.lastIndexOf('/'));
        }
        return networkPointers.getOrDefault(owner, JsonPointer.of("network"));
    }

    private static String inside(Problem problem) {
        if (problem.attribute() != null) {
            return JsonPointer.of("attributes", problem.attribute());
        }
        if (problem.operand() != null) {
            return JsonPointer.of("inputs", problem.operand());
        }
        return problem.code() == ProblemCode.UNKNOWN_OP ? JsonPointer.of("op") : "";
    }
}
