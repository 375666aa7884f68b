package io.chainrule.web.v1;

import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.models.Model;
import io.chainrule.service.models.Models;
import io.chainrule.service.models.UnknownModelException;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Maps the program of a request, in whatever form it is, to the core's terms.
 *
 * @param kept gets the values that models keep
 * @param errors gets what is wrong
 */
record SourceMapper(Models models, int nesting, Map<String, Tensor> kept, List<ErrorDetail> errors) {
    private static final String STORE_AGAIN = "leave it out; PUT /v1/models/… with \"model\" and another value stores the model with that";

    /** The program; null if there is not exactly one. */
    @Nullable
    Source source(ProgramRequest request) {
        List<String> given = new ArrayList<>();
        addIfPresent(given, "expression", request.expression());
        addIfPresent(given, "graph", request.graph());
        addIfPresent(given, "network", request.network());
        addIfPresent(given, "model", request.model());
        if (given.size() != 1) {
            String found = given.isEmpty() ? "none" : String.join(" and ", given);
            error("the program is given as exactly one of 'expression', 'graph', 'network' and 'model'; the request has " + found, "",
                    "expression, graph, network or model", found);
            return null;
        }
        if (request.network() != null) {
            return new NetworkMapper(errors).source(request.network(), request);
        }
        if (request.model() != null) {
            return stored(model(request, request.model()), request);
        }
        checkHasNoNetworkFields(request, Set.of());
        if (request.graph() != null) {
            Source.Nodes graph = new GraphMapper(errors).source(request.graph(), Map.of());
            return graph.calling(called(graph, request, "a model that the graph calls"));
        }
        String expression = Objects.requireNonNull(request.expression());
        return new Source.Text(expression, called(new Source.Text(expression), request, "a model that the expression calls"));
    }

    private Map<String, StoredProgram> called(Source source, ProgramRequest request, String who) {
        Map<String, StoredProgram> called = new LinkedHashMap<>();
        models.called(source, nesting, isOfNow(request)).forEach((name, model) -> {
            called.put(name, model.program());
            model.values().forEach((input, value) -> kept.put(name + "." + input, value));
        });
        checkNotGiven(request, who);
        return called;
    }

    /**
     * A request can run a network that is stored as in training, and choose the seed of its dropout. One that stores a model again may
     * have other values of what it keeps.
     */
    private Source stored(Model model, ProgramRequest request) {
        boolean isNetwork = model.program().source() instanceof Source.Network;
        boolean isStored = request instanceof StoreRequest;
        checkHasNoNetworkFields(request, !isNetwork ? Set.of() : isStored ? Set.of("parameters") : Set.of("training", "seed"));
        kept.putAll(model.values());
        if (isStored) {
            replace("inputs", request.inputs());
            replace("parameters", request.parameters());
        } else if (!beginsWithKept(request)) {
            checkNotGiven(request, "the model");
        }
        return new Source.Stored(isNetwork && !isStored ? model.program().inTraining(request.training(), request.seed()) : model.program());
    }

    /** Leaves out of what is kept the values in place of which a field has others. These have to be of the same shapes. */
    private void replace(String field, @Nullable Map<String, Tensor> values) {
        Objects.requireNonNullElse(values, Map.<String, Tensor>of()).forEach((name, value) -> {
            Tensor before = kept.remove(name);
            if (before != null && !before.shape().equals(value.shape())) {
                errors.add(ErrorDetail
                        .of(ProblemType.SHAPE_MISMATCH, "the model keeps '" + name + "' in the shape " + before.shape()
                                + "; the value for it has " + value.shape())
                        .at(JsonPointer.of(field, name)).node(name).expected(before.shape().toString(), value.shape().toString()));
            }
        });
    }

    /** Whether the values that a model keeps are only starting values, which the request may replace. */
    static boolean beginsWithKept(ProgramRequest request) {
        return request instanceof StepsRequest;
    }

    private void checkNotGiven(ProgramRequest request, String who) {
        Map<String, Tensor> inputs = Objects.requireNonNullElse(request.inputs(), Map.of());
        for (String name : kept.keySet()) {
            if (inputs.containsKey(name)) {
                errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, who + " keeps a value of '" + name + "'")
                        .at(JsonPointer.of("inputs", name)).node(name).expected("no value", "a value").hint(STORE_AGAIN));
            }
        }
    }

    /** Models that are stored again or trained, or called by what is, are the versions that are there now, and not those remembered. */
    private static boolean isOfNow(ProgramRequest request) {
        return request instanceof StoreRequest || beginsWithKept(request);
    }

    private Model model(ProgramRequest request, String reference) {
        try {
            return isOfNow(request) ? models.current(reference) : models.find(reference);
        } catch (UnknownModelException e) {
            throw new RequestException(Problems.unknown(e, "GET /v1/models lists the models").at("/model"));
        }
    }

    private static void addIfPresent(List<String> names, String name, @Nullable Object value) {
        if (value != null) {
            names.add(name);
        }
    }

    /** Refuses fields of networks but those that a network which is stored takes. */
    private void checkHasNoNetworkFields(ProgramRequest request, Set<String> taken) {
        List<String> given = new ArrayList<>();
        addIfPresent(given, "parameters", request.parameters());
        addIfPresent(given, "initializer", request.initializer());
        addIfPresent(given, "training", request.training());
        addIfPresent(given, "seed", request.seed());
        given.removeAll(taken);
        boolean mayStoreAgain = request.model() != null && !(request instanceof StoreRequest);
        given.forEach(field -> errors.add(ErrorDetail
                .of(ProblemType.INVALID_VALUE, "'" + field + "' goes with a 'network', which the request does not have")
                .at("/" + field).expected("no '" + field + "'", "a value")
                .hint(mayStoreAgain && field.equals("parameters") ? STORE_AGAIN : null)));
    }

    private void error(String message, String pointer, String expected, String actual) {
        errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(pointer).expected(expected, actual));
    }
}
