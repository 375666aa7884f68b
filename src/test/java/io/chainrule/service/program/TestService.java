package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.Outcome;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.FunctionCache;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turns;
import io.chainrule.service.run.Query;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Services as Spring would make them, and short ways to call them. */
public final class TestService {
    private TestService() {}

    /** The default limits, but for those given by name and value in turn. */
    public static Limits limits(String... changes) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (int i = 0; i < changes.length; i += 2) {
            properties.put("chainrule.limits." + changes[i], changes[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("chainrule.limits", Limits.class);
    }

    /** The same query with other remarks. */
    public static Query withRemarks(Transformation.Remarks remarks, Query query) {
        return new Query(query.source(), query.inputs(), query.parameters(), query.initializerSeed(), query.output(), query.wrt(),
                query.nodes(), query.batch(), query.gates(), query.isBase64(), query.named(), remarks, query.kept());
    }

    public static GradientService with(Limits limits, Budget budget) {
        return new GradientService(functions(limits, budget), new Admission(limits, budget, new Turns(limits)));
    }

    public static GradientService with(String... changes) {
        Limits limits = limits(changes);
        return with(limits, new Budget(limits));
    }

    public static Functions functions(Limits limits, Budget budget) {
        return new Functions(new Admission(limits, budget, new Turns(limits)),
                new FunctionCache(limits, budget, new SimpleMeterRegistry()));
    }

    public static Functions functions(String... changes) {
        Limits limits = limits(changes);
        return functions(limits, new Budget(limits));
    }

    public static JacobianService matrices(String... changes) {
        Limits limits = limits(changes);
        return new JacobianService(functions(changes), new Admission(limits, new Budget(limits), new Turns(limits)));
    }

    public static CheckService checks(String... changes) {
        return new CheckService(functions(changes), limits(changes));
    }

    public static DerivativeService symbolic(String... changes) {
        return new DerivativeService(functions(changes), limits(changes));
    }

    public static DescriptionService descriptions(String... changes) {
        return new DescriptionService(functions(changes), limits(changes));
    }

    public static ExplanationService explanations(Limits limits) {
        Budget budget = new Budget(limits);
        return new ExplanationService(functions(limits, budget), new Admission(limits, budget, new Turns(limits)));
    }

    /** Names and values in turn; a value is a number, a {@code double[]} or a {@code double[][]}. */
    public static Map<String, Tensor> inputs(Object... namesAndValues) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            inputs.put((String) namesAndValues[i], switch (namesAndValues[i + 1]) {
                case Number number -> Tensor.scalar(number.doubleValue());
                case double[] vector -> Tensor.vector(vector);
                case double[][] matrix -> Tensor.matrix(matrix);
                case Tensor tensor -> tensor;
                default -> throw new IllegalArgumentException("no tensor: " + namesAndValues[i]);
            });
        }
        return inputs;
    }

    public static Query call(String expression, Object... inputs) {
        return new Query(new Source.Text(expression), inputs(inputs), null, null, new Signature.NodeSelection.All(), Signature.Batch.NONE);
    }

    public static Query wrt(Query call, String... names) {
        return new Query(call.source(), call.inputs(), call.output(), List.of(names), call.nodes(), call.batch());
    }

    public static Query output(Query call, String output) {
        return new Query(call.source(), call.inputs(), output, call.wrt(), call.nodes(), call.batch());
    }

    public static Query nodes(Query call, Signature.NodeSelection nodes) {
        return new Query(call.source(), call.inputs(), call.output(), call.wrt(), nodes, call.batch());
    }

    public static Query batch(Query call, Signature.Reduction reduction, String... inputs) {
        return new Query(call.source(), call.inputs(), call.output(), call.wrt(), call.nodes(),
                new Signature.Batch(List.of(inputs), reduction));
    }

    /** All that an answer has of a gradient. */
    public record Found(String output, Tensor value, Map<String, Tensor> gradients, List<Node> nodes, List<LocalJacobians.Local> jacobians,
            List<Diagnostic> diagnostics) {

        public record Node(String id, Tensor value, Tensor gradient) {}

        public static Found of(Answer<Answer.Gradient> answer) {
            Outcome outcome = answer.result().outcome();
            BoundProgram bound = outcome.function().bound();
            List<Node> nodes = bound.listed().stream()
                    .map(node -> new Node(node.id(), outcome.value(node.node()), outcome.gradient(node.node()))).toList();
            return new Found(bound.program().outputId(), outcome.value(), outcome.gradients(), nodes, answer.result().jacobians(),
                    answer.diagnostics());
        }
    }

    public static Found gradient(Query call) {
        return Found.of(with().gradient(call, null, Transformation.Locals.AUTO));
    }

    /** The shape of an input of a program that was described. */
    public static Shape inputShape(Answer<Answer.Description> answer, String input) {
        BoundProgram bound = answer.result().program();
        return bound.inputShape(Objects.requireNonNull(bound.program().find(input), input));
    }

    /** The entry, which must be there. */
    public static <T> T at(Map<String, T> map, String key) {
        return Objects.requireNonNull(map.get(key), key);
    }

    public static double[] vector(double... values) {
        return values;
    }

}
