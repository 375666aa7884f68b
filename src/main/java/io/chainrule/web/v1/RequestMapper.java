package io.chainrule.web.v1;

import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.picture.ClusterForm;
import io.chainrule.core.picture.PictureOptions;
import io.chainrule.core.picture.Theme;
import io.chainrule.core.picture.WireWidth;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Query;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.CheckOptions;
import io.chainrule.service.models.Models;
import io.chainrule.service.program.DerivativeForm;
import io.chainrule.service.program.DerivativeFormat;
import io.chainrule.service.program.DerivativeOptions;
import io.chainrule.service.run.Limits;
import io.chainrule.core.Source;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Maps requests to the service's queries, and finds all errors that involve several fields. */
public final class RequestMapper {
    private final List<ErrorDetail> errors = new ArrayList<>();
    private final int mostNames;

    private RequestMapper(int mostNames) {
        this.mostNames = mostNames;
    }

    /** Maps a request to a query; throws {@link RequestException} if the fields of the request contradict each other or are missing. */
    static Query query(ProgramRequest request, Limits limits, Models models) {
        RequestMapper mapper = new RequestMapper(limits.nodes());
        Map<String, Tensor> kept = new LinkedHashMap<>();
        Source source = new SourceMapper(models, limits.nesting(), kept, mapper.errors).source(request);
        Map<String, Tensor> inputs = Objects.requireNonNullElse(request.inputs(), Map.of());
        NodeSelection nodes = Objects.requireNonNullElseGet(request.nodes(), NodeSelection.All::new);
        mapper.checkNumbers(request, nodes);
        Signature.Batch batch = mapper.batch(request);
        mapper.checkShapes(shapes(request), inputs);
        if (source == null || !mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        Signature.GateForm gates = Objects.requireNonNullElse(request.gates(), Signature.GateForm.Whole.AS_WRITTEN);
        // Where neither gates are closed nor values are kept, names make no difference, and one function is enough for all of them.
        Set<String> named = gates == Signature.GateForm.Whole.COLLAPSE
                ? asked(request, nodes)
                : kept.isEmpty() ? Set.of() : explained(request);
        long seed = Objects.requireNonNullElse(request.seed(), 0L);
        long initializerSeed = request.initializer() == null ? seed : Objects.requireNonNullElse(request.initializer().seed(), seed);
        Query query = new Query(source, inputs, Objects.requireNonNullElse(request.parameters(), Map.of()), initializerSeed,
                request.output(),
                wrt(request), nodes, batch, gates, request.arrays() == ArrayForm.BASE64, named,
                Objects.requireNonNullElse(request.diagnostics(), Transformation.Remarks.ALL), kept);
        return SourceMapper.beginsWithKept(request) ? query.trainable() : query;
    }

    /** Throws {@link RequestException} where an option is out of its range. */
    public static CheckOptions checkOptions(CheckRequest request) {
        RequestMapper mapper = new RequestMapper(0);
        CheckOptions defaults = CheckOptions.DEFAULT;
        int order = Objects.requireNonNullElse(request.order(), 1);
        CheckOptions options = new CheckOptions(Objects.requireNonNullElse(request.step(), defaults.step()),
                Objects.requireNonNullElse(request.tolerance(), defaults.tolerance()),
                Objects.requireNonNullElse(request.samples(), defaults.samples()));
        mapper.require(options.step() > 0 && options.step() < 1, "step", "a number between 0 and 1", options.step());
        mapper.require(options.tolerance() >= 0, "tolerance", "a number of at least 0", options.tolerance());
        mapper.require(order == 1 || order == 2, "order", "1 or 2", order);
        mapper.require(options.samples() >= 1, "samples", "at least 1", options.samples());
        if (!mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        return options;
    }

    /** Throws {@link RequestException} where fields contradict each other or an order is out of its range. */
    static DerivativeOptions derivativeOptions(DerivativeRequest request) {
        RequestMapper mapper = new RequestMapper(0);
        List<String> mixed = request.mixed();
        int order = Objects.requireNonNullElse(request.order(), mixed == null ? 1 : mixed.size());
        int most = DerivativeOptions.MOST_ORDERS;
        if (mixed != null && (mixed.isEmpty() || mixed.size() > most)) {
            mapper.error("'mixed' has 1 to " + most + " names, not " + mixed.size(), "/mixed", "1 to " + most + " names",
                    String.valueOf(mixed.size()));
        } else {
            mapper.require(order >= 1 && order <= most, "order", "a whole number from 1 to " + most, order);
        }
        if (mixed != null && order != mixed.size()) {
            mapper.error("'mixed' has " + mixed.size() + " names, one for each differentiation, and 'order' is " + order
                    + "; leave out 'order'", "/order", String.valueOf(mixed.size()), String.valueOf(order));
        }
        if (mixed != null && request.wrt() != null) {
            mapper.error("'mixed' says what to differentiate by, and so does 'wrt'; leave out one of them", "/wrt", "'mixed' or 'wrt'",
                    "both");
        }
        if (!mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        return new DerivativeOptions(Objects.requireNonNullElse(request.form(), DerivativeForm.TEXTBOOK),
                Objects.requireNonNullElse(request.format(), DerivativeFormat.EXPRESSION), order, mixed != null);
    }

    /** Throws {@link RequestException} where an option is out of its range. */
    public static PictureOptions pictureOptions(RenderRequest request, Language language) {
        RequestMapper mapper = new RequestMapper(0);
        int digits = Objects.requireNonNullElse(request.digits(), PictureOptions.DEFAULT_DIGITS);
        mapper.require(digits >= 1 && digits <= PictureOptions.MOST_DIGITS, "digits",
                "a whole number from 1 to " + PictureOptions.MOST_DIGITS, digits);
        mapper.require(request.step() == null || request.step() >= 0, "step", "a whole number of at least 0",
                Objects.requireNonNullElse(request.step(), 0));
        if (!mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        return new PictureOptions(Objects.requireNonNullElse(request.theme(), Theme.AUTO), digits, request.step(),
                !Boolean.FALSE.equals(request.gradients()), Objects.requireNonNullElse(request.clusters(), ClusterForm.AUTO),
                Objects.requireNonNullElse(request.wires(), WireWidth.PLAIN), language);
    }

    private static @Nullable List<String> wrt(ProgramRequest request) {
        return request instanceof DerivativeRequest derivative ? derivative.names() : request.wrt();
    }

    private void require(boolean holds, String field, String expected, Number actual) {
        if (!holds) {
            error("'" + field + "' is " + expected + ", not " + actual, "/" + field, expected, actual.toString());
        }
    }

    private static Set<String> asked(ProgramRequest request, NodeSelection nodes) {
        Set<String> asked = new HashSet<>();
        forEachNames(request, nodes, (_, names) -> asked.addAll(names));
        if (request.output() != null) {
            asked.add(request.output());
        }
        asked.addAll(explained(request));
        return asked;
    }

    /** The nodes about which an explanation is asked. */
    private static Set<String> explained(ProgramRequest request) {
        return request instanceof ExplainRequest explain
                ? Stream.of(explain.node(), explain.entry()).filter(Objects::nonNull)
                        .map(name -> name.replaceFirst("\\s*\\[[^\\[]*$", "").strip()).collect(Collectors.toSet())
                : Set.of();
    }

    private Signature.Batch batch(ProgramRequest request) {
        List<String> inputs = Objects.requireNonNullElse(request.batch(), List.of());
        Signature.Reduction reduction = Objects.requireNonNullElse(request.reduce(), Signature.Reduction.NONE);
        if (reduction != Signature.Reduction.NONE) {
            if (inputs.isEmpty()) {
                error("'reduce' is over the samples of 'batch', which names no input", "/reduce", "a 'batch' of inputs", "none");
            }
            if (request.nodes() != null && !(request.nodes() instanceof NodeSelection.None)) {
                error("a reduced batch lists no nodes, whose values are those of single samples", "/nodes", "none", "others");
            }
            if (request instanceof GradientRequest gradient && gradient.jacobians() != null
                    && gradient.jacobians() != Transformation.Locals.NONE) {
                error("a reduced batch lists no local Jacobians, which are those of single samples", "/jacobians", "none", "others");
            }
        }
        return new Signature.Batch(inputs, reduction);
    }

    /** The shapes that replace values of inputs. */
    private static Map<String, Shape> shapes(ProgramRequest request) {
        Map<String, Shape> shapes = switch (request) {
            case GraphRequest graph -> graph.shapes();
            case DerivativeRequest derivative -> derivative.shapes();
            default -> null;
        };
        return Objects.requireNonNullElse(shapes, Map.of());
    }

    /** Limits the number of names in each field: a name takes time and memory even if the program has no such node. */
    private void checkNumbers(ProgramRequest request, NodeSelection nodes) {
        forEachNames(request, nodes, this::checkNumber);
        checkNumber("graph", keys(request.graph() == null ? null : request.graph().aliases()));
    }

    /** Calls {@code names} with each field that can hold many names, and with these. */
    private static void forEachNames(ProgramRequest request, NodeSelection nodes, BiConsumer<String, Collection<String>> names) {
        names.accept("inputs", keys(request.inputs()));
        names.accept("parameters", keys(request.parameters()));
        names.accept("wrt", Objects.requireNonNullElse(wrt(request), List.of()));
        names.accept("nodes", nodes instanceof NodeSelection.Ids selected ? selected.ids() : List.of());
        names.accept("gates", request.gates() instanceof Signature.GateForm.Opened opened ? opened.ids() : List.of());
        names.accept("batch", Objects.requireNonNullElse(request.batch(), List.of()));
        switch (request) {
            case VjpRequest vjp -> names.accept("cotangents", keys(vjp.cotangents()));
            case JvpRequest jvp -> {
                names.accept("tangents", keys(jvp.tangents()));
                names.accept("of", Objects.requireNonNullElse(jvp.of(), List.of()));
            }
            case JacobianRequest jacobian -> {
                names.accept("of", Objects.requireNonNullElse(jacobian.of(), List.of()));
                Map<String, List<String>> pairs = Objects.requireNonNullElse(jacobian.pairs(), Map.of());
                names.accept("pairs", Stream.concat(pairs.keySet().stream(), pairs.values().stream().flatMap(List::stream)).toList());
            }
            case GraphRequest _,DerivativeRequest _ -> names.accept("shapes", shapes(request).keySet());
            case HvpRequest hvp -> names.accept("vectors", keys(hvp.vectors()));
            case GradeRequest grade -> {
                names.accept("claims", keys(grade.claims()));
                names.accept("answers", keys(grade.answers()));
            }
            case StoreRequest stored -> {
                names.accept("declares", keys(stored.declares()));
                names.accept("outputs", keys(stored.outputs()));
            }
            case RowsRequest rows -> {
                names.accept("columns", keys(rows.columns()));
                names.accept("of", Objects.requireNonNullElse(rows.of(), List.of()));
            }
            case StepsRequest steps -> names.accept("validation", keys(steps.heldOut()));
            case EvaluateRequest _,GradientRequest _,HessianRequest _,CheckRequest _,ExplainRequest _,RenderRequest _,PlotRequest _ -> {
            }
        }
    }

    private static Collection<String> keys(@Nullable Map<String, ?> values) {
        return values == null ? List.of() : values.keySet();
    }

    private void checkNumber(String field, Collection<String> names) {
        if (names.size() > mostNames) {
            String allowed = "at most " + mostNames + " (chainrule.limits.nodes)";
            errors.add(ErrorDetail
                    .of(ProblemType.LIMIT_EXCEEDED,
                            "'" + field + "' has " + names.size() + " names, which is more than a program may have nodes")
                    .at(JsonPointer.of(field)).expected(allowed, String.valueOf(names.size())));
        }
    }

    private void checkShapes(Map<String, Shape> shapes, Map<String, Tensor> inputs) {
        for (String name : shapes.keySet()) {
            if (inputs.containsKey(name)) {
                error("'" + name + "' has a shape and a value; one of them is enough", JsonPointer.of("shapes", name), "a shape or a value",
                        "both");
            }
        }
    }

    private void error(String message, String pointer, String expected, String actual) {
        errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(pointer).expected(expected, actual));
    }
}
