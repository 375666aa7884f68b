package io.chainrule.web.v1;

import java.util.Objects;
import java.util.LinkedHashMap;
import io.chainrule.web.problem.MendedText;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.Repair;
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
import org.jspecify.annotations.Nullable;

/** Finds the place in a request for a problem that the core reports by node, line or attribute. */
public final class RequestPointers {
    private final ProgramRequest request;
    private final Map<String, Integer> positions = new HashMap<>();
    private final Map<String, Place> inNetwork = new HashMap<>();

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
                inNetwork.put(network.input().name(), Place.network("input", "name"));
            }
            if (network.loss() != null) {
                inNetwork.putIfAbsent(network.loss().target(), Place.network("loss", "target"));
                inNetwork.putIfAbsent("loss", Place.network("loss"));
            }
            locate(network.layers(), Place.OfLayer.at(List.of()));
        }
    }

    private void locate(@Nullable List<NetworkLayer> layers, Place.OfLayer outside) {
        for (int i = 0; layers != null && i < layers.size(); i++) {
            inNetwork.putIfAbsent(layers.get(i).name(), outside.inner(i));
            locate(layers.get(i).layers(), outside.inner(i));
        }
    }

    public static RequestException refusal(ProblemException e, ProgramRequest request) {
        RequestPointers pointers = new RequestPointers(request);
        return new RequestException(e.problems().stream().limit(RequestException.MOST).map(pointers::error).toList(), e.total(),
                mended(e, request));
    }

    /** The refusal of a request that has no program: problems have the places that they name. */
    public static RequestException refusal(ProblemException e) {
        return new RequestException(e.problems().stream().limit(RequestException.MOST)
                .map(problem -> error(problem, problem.place())).toList(), e.total());
    }

    private static @Nullable MendedText mended(ProblemException e, ProgramRequest request) {
        String expression = request.expression();
        if (expression == null) {
            return null;
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        List<String> batch = Objects.requireNonNullElse(request.batch(), List.of());
        Objects.requireNonNullElse(request.inputs(), Map.<String, Tensor>of()).forEach((name, value) -> shapes.put(name,
                batch.contains(name) && !value.shape().isScalar() ? value.shape().sub(1, value.shape().rank()) : value.shape()));
        return Repair.of(expression, shapes, e.problems()).map(repair -> new MendedText(repair.text(), repair.edits().stream()
                .map(edit -> new MendedText.Edit(edit.line(), edit.column(), edit.length(), edit.text())).toList())).orElse(null);
    }

    private ErrorDetail error(Problem found) {
        boolean mayHaveCotangent = request instanceof GradientRequest || request instanceof ExplainRequest
                || request instanceof RenderRequest;
        Problem problem = mayHaveCotangent && found.code() == ProblemCode.NOT_SCALAR
                ? found.hint(found.hint() + ", or give a \"cotangent\" of shape " + found.actual())
                : found;
        Place place = place(problem);
        String node = problem.node();
        if (request.model() != null && problem.code() == ProblemCode.DUPLICATE_ID && node != null && given(node) != null) {
            // What save_as prepares is read as a list of nodes, which does not know that it is a model.
            return error(Problem.of(ProblemCode.UNKNOWN_NODE, "'" + node + "' is no input of the model, which computes it").node(node),
                    given(node));
        }
        if (request.model() != null && isOfProgram(problem, place)) {
            return error(problem.ofModel(), Place.setting("model"));
        }
        if (request instanceof DerivativeRequest derivative && derivative.mixed() != null && place instanceof Place.OfPart(var _, var parts)
                && parts.size() == 2 && parts.getFirst().equals("wrt")) {
            place = Place.setting("mixed", parts.getLast());
        }
        if (place instanceof Place.OfPart(var owner, var parts) && owner == Place.Owner.SETTINGS && parts.size() == 2) {
            place = Place.setting(field(parts.getFirst(), parts.getLast()), parts.getLast());
        }
        return error(problem, place);
    }

    /** The field in which the request has what the core knows under another name. */
    private String field(String field, String part) {
        if (request instanceof DerivativeRequest derivative && field.equals("inputs") && derivative.shapes() != null
                && derivative.shapes().containsKey(part)) {
            return "shapes";
        }
        if (request instanceof GraphRequest graph && field.equals("inputs") && graph.shapes() != null && graph.shapes().containsKey(part)) {
            return "shapes";
        }
        if (request instanceof RowsRequest && field.equals("nodes")) {
            return "of";
        }
        if (request instanceof RowsRequest && field.equals("inputs") && (request.inputs() == null || !request.inputs().containsKey(part))) {
            return "columns";
        }
        // The parameters of a network that is stored as a model may stand in either field.
        boolean isElsewhere = field.equals("parameters") && (request.parameters() == null || !request.parameters().containsKey(part));
        return isElsewhere && request.inputs() != null && request.inputs().containsKey(part) ? "inputs" : field;
    }

    /** Whether a problem is in the program itself, and not in another field of the request or in an input that it lacks. */
    private static boolean isOfProgram(Problem problem, @Nullable Place place) {
        boolean isSetting = place instanceof Place.OfPart(var owner, _) && owner == Place.Owner.SETTINGS;
        return problem.line() != null || problem.code() != ProblemCode.MISSING_INPUT && !isSetting;
    }

    private static ErrorDetail error(Problem problem, @Nullable Place place) {
        return ErrorDetail.of(ProblemType.of(problem.code().code()), problem.message())
                .at(place == null ? null : JsonPointer.of(place)).node(problem.node())
                .position(problem.line(), problem.column()).expected(problem.expected(), problem.actual()).hint(problem.hint());
    }

    private @Nullable Place place(Problem problem) {
        if (problem.place() != null) {
            return problem.place();
        }
        if (problem.line() != null) {
            return Place.setting("expression");
        }
        String node = problem.node();
        Integer position = positions.get(node);
        if (position != null) {
            return new Place.OfNode(position, inside(problem));
        }
        if (node == null) {
            return null;
        }
        Place given = given(node);
        if (given != null) {
            return given;
        }
        if (request.graph() != null && request.graph().aliases() != null && request.graph().aliases().containsKey(node)) {
            return Place.nodeList("aliases", node);
        }
        return request.network() != null ? inNetwork(node) : null;
    }

    /** Where the request has values for a name. */
    private @Nullable Place given(String name) {
        if (request.inputs() != null && request.inputs().containsKey(name)) {
            return Place.setting("inputs", name);
        }
        return request instanceof RowsRequest rows && rows.columns() != null && rows.columns().containsKey(name)
                ? Place.setting("columns", name)
                : null;
    }

    /**
     * The place of a node of a network: a parameter, data without a value, or the nearest named layer of a node {@code layer} or {@code
     * layer/op_1}.
     */
    private Place inNetwork(String node) {
        if (request.parameters() != null && request.parameters().containsKey(node)) {
            return Place.setting("parameters", node);
        }
        String owner = node;
        while (!inNetwork.containsKey(owner) && owner.contains("/")) {
            owner = owner.substring(0, owner.lastIndexOf('/'));
        }
        return inNetwork.getOrDefault(owner, Place.network());
    }

    private static List<String> inside(Problem problem) {
        if (problem.attribute() != null) {
            return List.of("attributes", problem.attribute());
        }
        if (problem.operand() != null) {
            return List.of("inputs", problem.operand().toString());
        }
        return problem.code() == ProblemCode.UNKNOWN_OP ? List.of("op") : List.of();
    }
}
