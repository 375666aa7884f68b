package io.chainrule.web.v1;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.CheckReport;
import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.Outcome;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.grade.Grade;
import io.chainrule.core.grade.Mistake;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.MatrixFormat;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.json.EncodedTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Maps the service's answers to responses. The request asks for the form of the arrays and for the language of the remarks. */
public final class ResponseMapper {
    private static final String INPUT = "input";

    private final ArrayForm form;
    private final Language language;

    public ResponseMapper(@Nullable ArrayForm form, Language language) {
        this.language = language;
        this.form = form == null ? ArrayForm.NESTED : form;
    }

    EvaluateResponse evaluation(Answer<Outcome> answer) {
        Outcome outcome = answer.result();
        return new EvaluateResponse(output(outcome), encode(outcome.value()), nodes(outcome, _ -> null), diagnostics(answer),
                drawn(answer));
    }

    public GradientResponse gradient(Answer<Answer.Gradient> answer) {
        Outcome outcome = answer.result().outcome();
        boolean hasDigits = outcome.hasDigits();
        return new GradientResponse(output(outcome), encode(outcome.value()), encode(outcome.gradients()),
                nodes(outcome, outcome::gradient), answer.result().jacobians().stream().map(this::localJacobian).toList(),
                diagnostics(answer), hasDigits ? encode(outcome.digits()) : null, hasDigits ? encode(outcome.digitsOfValue()) : null,
                drawn(answer));
    }

    private static String output(Outcome outcome) {
        return outcome.function().bound().program().outputId();
    }

    private List<NodeResponse> nodes(Outcome outcome, IntFunction<@Nullable Tensor> gradientOf) {
        return outcome.function().bound().listed().stream()
                .map(node -> node(node, outcome.value(node.node()), gradientOf.apply(node.node()))).toList();
    }

    VjpResponse vjp(Answer<Outcome> answer) {
        return new VjpResponse(encode(answer.result().values()), encode(answer.result().gradients()), diagnostics(answer), drawn(answer));
    }

    JvpResponse jvp(Answer<Outcome> answer) {
        return new JvpResponse(encode(answer.result().values()), encode(answer.result().tangents()), diagnostics(answer), drawn(answer));
    }

    JacobianResponse jacobians(Answer<CompiledJacobian.Result> answer, MatrixFormat format) {
        CompiledJacobian.Result result = answer.result();
        return new JacobianResponse(encode(result.values()), matrices(result, format), mode(result.function().mode()),
                Math.toIntExact(result.function().passes()), diagnostics(answer), drawn(answer));
    }

    static String mode(Transformation.Mode mode) {
        return mode == Transformation.Mode.AUTO ? "mixed" : mode.name().toLowerCase(Locale.ROOT);
    }

    JacobianEntriesResponse entries(String of, String wrt, int[][] indices, double[] values) {
        return new JacobianEntriesResponse(of, wrt, indices, encode(Tensor.vector(values)));
    }

    JacobianDoneResponse streamed(Answer<Map<String, Tensor>> answer) {
        return new JacobianDoneResponse(encode(answer.result()), diagnostics(answer), drawn(answer));
    }

    HessianResponse hessian(Answer<CompiledJacobian.Result> answer, MatrixFormat format) {
        CompiledJacobian.Result result = answer.result();
        return new HessianResponse(encode(Objects.requireNonNull(result.value())), encode(result.values()), matrices(result, format),
                Math.toIntExact(result.function().passes()), diagnostics(answer), drawn(answer));
    }

    HvpResponse hessianProduct(Answer<Outcome> answer) {
        Outcome outcome = answer.result();
        return new HvpResponse(encode(outcome.value()), encode(outcome.gradients()), encode(outcome.products()), diagnostics(answer),
                drawn(answer));
    }

    private Map<String, Map<String, Object>> matrices(CompiledJacobian.Result result, MatrixFormat format) {
        return map(result.blocks(), row -> map(row, block -> format == MatrixFormat.DENSE ? encode(block.dense()) : entries(block)));
    }

    private CooResponse entries(CompiledJacobian.Block block) {
        CompiledJacobian.Entries entries = block.entries();
        return new CooResponse(block.shape().toList(), entries.indices(), encode(Tensor.vector(entries.values())));
    }

    public CheckResponse check(Answer<CheckReport> answer) {
        CheckReport report = answer.result();
        CheckReport.DirectionCheck direction = report.direction();
        return new CheckResponse(report.passed(), report.checks().stream().map(this::inputCheck).toList(),
                direction == null
                        ? null
                        : new CheckResponse.Direction(number(direction.analytic()), number(direction.numeric()),
                                number(direction.relativeError()), direction.verdict()),
                diagnostics(answer), drawn(answer));
    }

    private CheckResponse.Check inputCheck(CheckReport.InputCheck check) {
        CheckReport.Worst worst = check.worst();
        return new CheckResponse.Check(check.wrt(), check.by(), number(check.maxRelativeError()), check.verdict(),
                worst == null ? null : new CheckResponse.Worst(worst.index(), number(worst.analytic()), number(worst.numeric())),
                check.checked(), check.of(),
                check.notes().stream().map(note -> new CheckResponse.Note(note.kind(), note.count(), note.index(), note.message()))
                        .toList());
    }

    GradeResponse grade(Answer<Grade> answer) {
        Grade grade = answer.result();
        return new GradeResponse(grade.output(), grade.passed(), grade.lines().stream().map(this::gradeLine).toList(), grade.firstWrong(),
                diagnostics(answer));
    }

    private GradeResponse.GradeLine gradeLine(Grade.Mark mark) {
        Mistake mistake = mark.mistake();
        return new GradeResponse.GradeLine(mark.name(), mark.node(), mark.verdict().code(), mistake == null ? null : mistake.code(),
                encodeIfPresent(mark.claimed()), encodeIfPresent(mark.expected()), mark.expectedExpression(), mark.text());
    }

    public EncodedTensor number(double value) {
        return encode(Tensor.scalar(value));
    }

    GraphResponse description(Answer<Answer.Description> answer) {
        Answer.Description description = answer.result();
        BoundProgram bound = description.program();
        Answer.Cost cost = description.cost();
        return new GraphResponse(bound.program().inputs().stream()
                .map(node -> new InputResponse(bound.program().id(node), bound.inputShape(node).toList())).toList(),
                bound.program().outputId(), bound.listed().stream().map(node -> node(node, node.constant(), null)).toList(),
                description.text().expression(), description.text().renamedInputs(), description.latex(),
                description.mathml(),
                new CostResponse(cost.forwardFlops(), cost.gradientFlops(), cost.peakBytes()), layers(description.layers()),
                totals(description.layers()), diagnostics(answer));
    }

    private static @Nullable List<LayerResponse> layers(@Nullable List<Answer.LayerView> layers) {
        return layers == null
                ? null
                : layers.stream().map(layer -> new LayerResponse(layer.name(), layer.type(), layer.outputShape().toList(),
                        layer.parameters(), layer.flops())).toList();
    }

    private static LayerResponse.@Nullable Totals totals(@Nullable List<Answer.LayerView> layers) {
        return layers == null
                ? null
                : new LayerResponse.Totals(layers.stream().mapToLong(Answer.LayerView::parameters).sum(),
                        layers.stream().mapToLong(Answer.LayerView::flops).sum());
    }

    @Nullable
    Map<String, EncodedTensor> drawn(Answer<?> answer) {
        return answer.drawn() == null ? null : encode(answer.drawn());
    }

    DerivativeResponse derivatives(Answer<Answer.Derivatives> answer) {
        return new DerivativeResponse(answer.result().output(),
                map(answer.result().derivatives(),
                        derivative -> new DerivedProgram(derivative.text().expression(), derivative.text().renamedInputs(),
                                derivative.latex(), derivative.mathml(), derivative.domain(), derivative.layout(),
                                new DerivedGraph(derivative.nodes().stream().map(this::derivedNode).toList(), derivative.output()))),
                answer.result().code(),
                diagnostics(answer));
    }

    private DerivedGraph.DerivedNode derivedNode(NodeDescription node) {
        boolean isInput = node.op().equals(INPUT);
        return new DerivedGraph.DerivedNode(node.id(), node.op(), node.inputs(),
                isInput ? Map.of() : map(node.attributes(), this::attribute), isInput ? node.shape().toList() : null,
                encodeIfPresent(node.constant()));
    }

    /** A program that is a list of nodes, as a request has it. */
    DerivedGraph graph(Source.Nodes program) {
        return new DerivedGraph(program.nodes().stream().map(node -> {
            Map<String, Object> attributes = new LinkedHashMap<>(node.attributes());
            // Where the graph comes from a request, the lengths of a shape were read as doubles.
            List<Integer> shape = INPUT.equals(node.op()) && attributes.remove("shape") instanceof List<?> lengths
                    ? lengths.stream().map(length -> ((Number) length).intValue()).toList()
                    : null;
            Tensor value = "constant".equals(node.op()) ? (Tensor) attributes.remove("value") : null;
            return new DerivedGraph.DerivedNode(String.valueOf(node.id()), String.valueOf(node.op()), node.inputs(),
                    map(attributes, this::attribute), shape,
                    encodeIfPresent(value));
        }).toList(), String.valueOf(program.output()));
    }

    private NodeResponse node(NodeDescription node, @Nullable Tensor value, @Nullable Tensor gradient) {
        return new NodeResponse(node.id(), node.op(), node.inputs(), map(node.attributes(), this::attribute), node.shape().toList(),
                encodeIfPresent(value), encodeIfPresent(gradient));
    }

    private Object attribute(Object value) {
        return value instanceof Tensor tensor ? encode(tensor) : value;
    }

    private LocalJacobianResponse localJacobian(LocalJacobians.Local jacobian) {
        return new LocalJacobianResponse(jacobian.node(), jacobian.wrt(), jacobian.operand(), jacobian.shape().toList(),
                jacobian.structure(),
                encodeIfPresent(jacobian.value()), jacobian.omitted());
    }

    public List<DiagnosticResponse> diagnostics(Answer<?> answer) {
        return answer.diagnostics().stream().map(this::diagnostic).toList();
    }

    public DiagnosticResponse diagnostic(Diagnostic diagnostic) {
        return new DiagnosticResponse(diagnostic.kind(), diagnostic.node(), diagnostic.phase(), diagnostic.count(),
                diagnostic.message(language),
                diagnostic.path(), operands(diagnostic.operands()), map(diagnostic.numbers(), this::number), diagnostic.remedy(language));
    }

    private Map<String, EncodedTensor> operands(Map<String, @Nullable Tensor> operands) {
        Map<String, EncodedTensor> shown = new LinkedHashMap<>();
        operands.forEach((id, value) -> {
            if (value != null) {
                shown.put(id, encode(value));
            }
        });
        return shown;
    }

    public Map<String, EncodedTensor> encode(Map<String, Tensor> tensors) {
        return map(tensors, this::encode);
    }

    public EncodedTensor encode(Tensor tensor) {
        return new EncodedTensor(tensor, form);
    }

    private @Nullable EncodedTensor encodeIfPresent(@Nullable Tensor tensor) {
        return tensor == null ? null : encode(tensor);
    }

    public static <A, B> Map<String, B> map(Map<String, A> values, Function<A, B> function) {
        if (values.isEmpty()) {
            return Map.of();
        }
        Map<String, B> result = LinkedHashMap.newLinkedHashMap(values.size());
        values.forEach((name, value) -> result.put(name, function.apply(value)));
        return result;
    }
}
