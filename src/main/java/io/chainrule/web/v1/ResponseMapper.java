package io.chainrule.web.v1;

import io.chainrule.core.CheckReport;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.program.Answer;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.json.EncodedTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Maps the service's answers to responses, with arrays in the form that the request asked for. */
final class ResponseMapper {
    private final ArrayForm form;

    ResponseMapper(@Nullable ArrayForm form) {
        this.form = form == null ? ArrayForm.NESTED : form;
    }

    EvaluateResponse evaluation(Answer.Evaluation answer) {
        return new EvaluateResponse(answer.output(), encode(answer.value()), nodes(answer.nodes()), diagnostics(answer.diagnostics()),
                drawn(answer));
    }

    GradientResponse gradient(Answer.Gradient answer) {
        return new GradientResponse(answer.output(), encode(answer.value()), encode(answer.gradients()), nodes(answer.nodes()),
                answer.jacobians().stream().map(this::localJacobian).toList(), diagnostics(answer.diagnostics()), drawn(answer));
    }

    VjpResponse vjp(Answer.Vjp answer) {
        return new VjpResponse(encode(answer.values()), encode(answer.gradients()), diagnostics(answer.diagnostics()), drawn(answer));
    }

    JvpResponse jvp(Answer.Jvp answer) {
        return new JvpResponse(encode(answer.values()), encode(answer.tangents()), diagnostics(answer.diagnostics()), drawn(answer));
    }

    JacobianResponse jacobians(Answer.Jacobians answer) {
        return new JacobianResponse(encode(answer.values()), matrices(answer.jacobians()), answer.mode(), answer.passes(),
                diagnostics(answer.diagnostics()), drawn(answer));
    }

    HessianResponse hessian(Answer.Hessian answer) {
        return new HessianResponse(encode(answer.value()), encode(answer.gradients()), matrices(answer.hessians()), answer.passes(),
                diagnostics(answer.diagnostics()), drawn(answer));
    }

    HvpResponse hessianProduct(Answer.HessianProduct answer) {
        return new HvpResponse(encode(answer.value()), encode(answer.gradients()), encode(answer.products()),
                diagnostics(answer.diagnostics()), drawn(answer));
    }

    private Map<String, Map<String, Object>> matrices(Map<String, Map<String, Answer.Matrix>> matrices) {
        return map(matrices, row -> map(row, this::matrix));
    }

    private Object matrix(Answer.Matrix matrix) {
        return switch (matrix) {
            case Answer.Dense(Tensor value) -> encode(value);
            case Answer.Coo(var shape, var indices, var values) -> new CooResponse(shape.toList(), indices, encode(Tensor.vector(values)));
        };
    }

    CheckResponse check(Answer.Check answer) {
        CheckReport.DirectionCheck direction = answer.report().direction();
        return new CheckResponse(answer.report().passed(), answer.report().checks().stream().map(this::inputCheck).toList(),
                direction == null
                        ? null
                        : new CheckResponse.Direction(number(direction.analytic()), number(direction.numeric()),
                                number(direction.relativeError()), direction.verdict()),
                diagnostics(answer.diagnostics()), drawn(answer));
    }

    private CheckResponse.Check inputCheck(CheckReport.InputCheck check) {
        CheckReport.Worst worst = check.worst();
        return new CheckResponse.Check(check.wrt(), check.by(), number(check.maxRelativeError()), check.verdict(),
                worst == null ? null : new CheckResponse.Worst(worst.index(), number(worst.analytic()), number(worst.numeric())),
                check.checked(), check.of(),
                check.notes().stream().map(note -> new CheckResponse.Note(note.kind(), note.count(), note.index(), note.message()))
                        .toList());
    }

    TrainResponse training(Answer.Training answer) {
        return new TrainResponse(encode(answer.parameters()), encode(answer.statistics()),
                answer.history().stream().map(this::historyEntry).toList(), answer.steps(), answer.stoppedBy(),
                diagnostics(answer.diagnostics()));
    }

    HistoryEntryResponse historyEntry(Answer.HistoryEntry entry) {
        Double validationLoss = entry.validationLoss();
        return new HistoryEntryResponse(entry.step(), entry.epoch(), number(entry.loss()),
                validationLoss == null ? null : number(validationLoss),
                entry.metrics().isEmpty() ? null : map(entry.metrics(), this::number), number(entry.gradientNorm()),
                number(entry.learningRate()));
    }

    private EncodedTensor number(double value) {
        return encode(Tensor.scalar(value));
    }

    GraphResponse description(Answer.Description answer) {
        Answer.Cost cost = answer.cost();
        return new GraphResponse(answer.inputs().stream().map(input -> new InputResponse(input.id(), input.shape().toList())).toList(),
                answer.output(), nodes(answer.nodes()), answer.text().expression(), answer.text().renamedInputs(), answer.latex(),
                new CostResponse(cost.forwardFlops(), cost.gradientFlops(), cost.peakBytes()), layers(answer.layers()),
                totals(answer.layers()), diagnostics(answer.diagnostics()));
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

    private @Nullable Map<String, EncodedTensor> drawn(Answer answer) {
        Map<String, Tensor> drawn = answer.summary().drawn();
        return drawn == null ? null : encode(drawn);
    }

    DerivativeResponse derivatives(Answer.Derivatives answer) {
        return new DerivativeResponse(answer.output(),
                map(answer.derivatives(),
                        derivative -> new DerivedProgram(derivative.text().expression(), derivative.text().renamedInputs(),
                                derivative.latex(),
                                new DerivedGraph(derivative.nodes().stream().map(this::derivedNode).toList(), derivative.output()))),
                diagnostics(answer.diagnostics()));
    }

    private DerivedGraph.DerivedNode derivedNode(Answer.NodeView view) {
        NodeDescription node = view.node();
        boolean isInput = node.op().equals("input");
        return new DerivedGraph.DerivedNode(node.id(), node.op(), node.inputs(),
                isInput ? Map.of() : map(node.attributes(), this::attribute), isInput ? node.shape().toList() : null,
                encodeIfPresent(view.value()));
    }

    private List<NodeResponse> nodes(List<Answer.NodeView> nodes) {
        return nodes.stream().map(this::node).toList();
    }

    private NodeResponse node(Answer.NodeView view) {
        NodeDescription node = view.node();
        return new NodeResponse(node.id(), node.op(), node.inputs(), map(node.attributes(), this::attribute), node.shape().toList(),
                encodeIfPresent(view.value()), encodeIfPresent(view.gradient()));
    }

    private Object attribute(Object value) {
        return value instanceof Tensor tensor ? encode(tensor) : value;
    }

    private LocalJacobianResponse localJacobian(LocalJacobians.Local jacobian) {
        return new LocalJacobianResponse(jacobian.node(), jacobian.wrt(), jacobian.operand(), jacobian.shape().toList(),
                jacobian.structure(),
                encodeIfPresent(jacobian.value()), jacobian.omitted());
    }

    private List<DiagnosticResponse> diagnostics(List<Diagnostic> diagnostics) {
        return diagnostics.stream()
                .map(diagnostic -> new DiagnosticResponse(diagnostic.kind(), diagnostic.node(), diagnostic.phase(), diagnostic.count(),
                        diagnostic.message(), diagnostic.path(), operands(diagnostic.operands())))
                .toList();
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

    Map<String, EncodedTensor> encode(Map<String, Tensor> tensors) {
        return map(tensors, this::encode);
    }

    private EncodedTensor encode(Tensor tensor) {
        return new EncodedTensor(tensor, form);
    }

    private @Nullable EncodedTensor encodeIfPresent(@Nullable Tensor tensor) {
        return tensor == null ? null : encode(tensor);
    }

    private static <A, B> Map<String, B> map(Map<String, A> values, Function<A, B> function) {
        if (values.isEmpty()) {
            return Map.of();
        }
        Map<String, B> result = LinkedHashMap.newLinkedHashMap(values.size());
        values.forEach((name, value) -> result.put(name, function.apply(value)));
        return result;
    }
}
