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
import org.jspecify.annotations.Nullable;

/**
 * Maps the program of a request, in whatever form it is, to the core's terms.
 *
 * @param kept gets the values that models keep
 * @param errors gets what is wrong
 */
record SourceMapper(Models models, int nesting, Map<String, Tensor> kept, List<ErrorDetail> errors) {
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
            return stored(model(request.model()), request);
        }
        checkHasNoNetworkFields(request, false);
        if (request.graph() != null) {
            Source.Nodes graph = new GraphMapper(errors).source(request.graph(), Map.of());
            return graph.calling(called(graph, request, "a model that the graph calls"));
        }
        String expression = Objects.requireNonNull(request.expression());
        return new Source.Text(expression, called(new Source.Text(expression), request, "a model that the expression calls"));
    }

    private Map<String, StoredProgram> called(Source source, ProgramRequest request, String who) {
        Map<String, StoredProgram> called = new LinkedHashMap<>();
        models.called(source, nesting).forEach((name, model) -> {
            called.put(name, model.program());
            model.values().forEach((input, value) -> kept.put(name + "." + input, value));
        });
        checkNotGiven(request, who);
        return called;
    }

    /** A request can run a network that is stored as in training, and choose the seed of its dropout. A copy of it stays as it is. */
    private Source stored(Model model, ProgramRequest request) {
        boolean isRun = model.program().source() instanceof Source.Network && !(request instanceof StoreRequest);
        checkHasNoNetworkFields(request, isRun);
        kept.putAll(model.values());
        if (!beginsWithKept(request)) {
            checkNotGiven(request, "the model");
        }
        return new Source.Stored(isRun ? model.program().inTraining(request.training(), request.seed()) : model.program());
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
                        .at(JsonPointer.of("inputs", name)).node(name).expected("no value", "a value"));
            }
        }
    }

    private Model model(String reference) {
        try {
            return models.find(reference);
        } catch (UnknownModelException e) {
            throw new RequestException(Problems.unknown(e, "GET /v1/models lists the models").at("/model"));
        }
    }

    private static void addIfPresent(List<String> names, String name, @Nullable Object value) {
        if (value != null) {
            names.add(name);
        }
    }

    /** {@code isRun} is whether the program is a network that is stored, whose parameters are kept. */
    private void checkHasNoNetworkFields(ProgramRequest request, boolean isRun) {
        List<String> given = new ArrayList<>();
        addIfPresent(given, "parameters", request.parameters());
        addIfPresent(given, "initializer", request.initializer());
        if (!isRun) {
            addIfPresent(given, "training", request.training());
            addIfPresent(given, "seed", request.seed());
        }
        given.forEach(field -> error("'" + field + "' goes with a 'network', which the request does not have", "/" + field,
                "no '" + field + "'", "a value"));
    }

    private void error(String message, String pointer, String expected, String actual) {
        errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(pointer).expected(expected, actual));
    }
}
