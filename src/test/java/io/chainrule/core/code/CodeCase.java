package io.chainrule.core.code;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.simplify.SharedGraph;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A scalar program, values of its inputs, and our own value and gradients there. */
record CodeCase(String name, CodeProgram program, Map<String, Tensor> inputs, List<double[]> expected) {

    /** Every way to use an op, but for arrays without elements. */
    static Stream<CodeCase> ops() {
        return OpCase.all()
                .filter(one -> !one.shapes().isEmpty() && one.shape().size() > 0 && one.shapes().stream().allMatch(s -> s.size() > 0))
                .map(CodeCase::of);
    }

    private static CodeCase of(OpCase one) {
        Random random = new Random(7);
        GraphFunction function = GraphFunction.of(x -> {
            Node y = GraphFunction.call(one.definition().name(), one.attributes(), x);
            Tensor weights = Tensor.zeros(y.shape());
            Arrays.setAll(weights.data(), _ -> Math.rint(random.nextDouble(-2, 2) * 64) / 64);
            return GraphFunction.call("sum", GraphFunction.call("mul", y, y.graph().constant(weights)));
        }, one.shapes().toArray(Shape[]::new));
        return of(one.toString(), function, one.operands(3));
    }

    static CodeCase of(String text, SequencedMap<String, Shape> shapes) {
        Random random = new Random(11);
        List<Tensor> values = new ArrayList<>();
        shapes.values().forEach(shape -> {
            Tensor value = Tensor.zeros(shape);
            Arrays.setAll(value.data(), _ -> random.nextDouble(0.2, 1.2));
            values.add(value);
        });
        return of(text, GraphFunction.of(text, shapes), values);
    }

    private static CodeCase of(String name, GraphFunction function, List<Tensor> values) {
        GraphFunction gradient = function.vjp();
        Map<String, Shape> ids = new LinkedHashMap<>();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        List<Tensor> given = new ArrayList<>(values);
        given.add(Tensor.scalar(1));
        for (int k = 0; k < given.size(); k++) {
            String id = ((Leaf.Input) gradient.graph().op(gradient.inputs()[k])).id();
            ids.put(id, gradient.graph().shape(gradient.inputs()[k]));
            inputs.put(id, given.get(k));
        }
        int[] results = IntStream.concat(IntStream.of(function.outputs()), IntStream.of(gradient.outputs())).toArray();
        List<Graph> parts = IntStream.of(results)
                .mapToObj(node -> Simplifier.shared(gradient.graph(), node, function.graph().size(), Allowance.UNBOUNDED)).toList();
        SharedGraph shared = SharedGraph.of(parts, ids, Allowance.UNBOUNDED);
        Map<String, Integer> gradients = new LinkedHashMap<>();
        List<String> names = List.copyOf(ids.keySet());
        for (int k = 1; k < results.length; k++) {
            gradients.put(names.get(k - 1), shared.results()[k]);
        }
        List<double[]> expected = new ArrayList<>();
        expected.add(function.run(values).getFirst().data());
        gradient.run(given).forEach(tensor -> expected.add(tensor.data()));
        return new CodeCase(name, new CodeProgram(shared.graph(), List.copyOf(shared.inputs().values()), shared.results()[0], gradients),
                inputs,
                expected);
    }

    @Override
    public String toString() {
        return name;
    }
}
