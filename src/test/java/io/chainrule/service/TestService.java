package io.chainrule.service;

import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Services as Spring would make them, and short ways to call them. */
final class TestService {
    private TestService() {}

    /** The default limits, but for those given by name and value in turn. */
    static Limits limits(String... changes) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (int i = 0; i < changes.length; i += 2) {
            properties.put("chainrule.limits." + changes[i], changes[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("chainrule.limits", Limits.class);
    }

    static GradientService with(Limits limits, Budget budget) {
        return new GradientService(new ProgramReader(limits), new Runs(limits, budget));
    }

    static JacobianService matrices(String... changes) {
        Limits limits = limits(changes);
        return new JacobianService(new ProgramReader(limits), new Runs(limits, new Budget(limits)));
    }

    static CheckService checks(String... changes) {
        Limits limits = limits(changes);
        return new CheckService(new ProgramReader(limits), new Runs(limits, new Budget(limits)));
    }

    static DerivativeService symbolic(String... changes) {
        Limits limits = limits(changes);
        return new DerivativeService(new ProgramReader(limits), new Runs(limits, new Budget(limits)));
    }

    static GradientService with(String... changes) {
        Limits limits = limits(changes);
        return with(limits, new Budget(limits));
    }

    /** Names and values in turn; a value is a number, a {@code double[]} or a {@code double[][]}. */
    static Map<String, Tensor> inputs(Object... namesAndValues) {
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

    static Call call(String expression, Object... inputs) {
        return new Call(new Source.Text(expression), inputs(inputs), null, null, new Call.NodeSelection.All(), Call.Batch.NONE);
    }

    static Call wrt(Call call, String... names) {
        return new Call(call.source(), call.inputs(), call.output(), List.of(names), call.nodes(), call.batch());
    }

    static Call output(Call call, String output) {
        return new Call(call.source(), call.inputs(), output, call.wrt(), call.nodes(), call.batch());
    }

    static Call nodes(Call call, Call.NodeSelection nodes) {
        return new Call(call.source(), call.inputs(), call.output(), call.wrt(), nodes, call.batch());
    }

    static Call batch(Call call, Call.Reduction reduction, String... inputs) {
        return new Call(call.source(), call.inputs(), call.output(), call.wrt(), call.nodes(), new Call.Batch(List.of(inputs), reduction));
    }

    static Answer.Gradient gradient(Call call) {
        return with().gradient(call, null, Call.LocalJacobians.AUTO);
    }

    /** The entry, which must be there. */
    static <T> T at(Map<String, T> map, String key) {
        return Objects.requireNonNull(map.get(key), key);
    }

    static double[] vector(double... values) {
        return values;
    }

}
