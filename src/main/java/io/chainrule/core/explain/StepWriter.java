package io.chainrule.core.explain;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes one training step, and compares what the gradient predicts of the loss with what becomes of it. */
final class StepWriter {
    private final Scene scene;
    private final Optimizer optimizer;
    private final String name;

    StepWriter(Scene scene, Optimizer optimizer, String name) {
        this.scene = scene;
        this.optimizer = optimizer;
        this.name = name;
    }

    Explanation.Step of(Explainer.Means means) {
        if (scene.isCotangentGiven() || !scene.total.value().shape().isScalar()) {
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "a training step makes a scalar small, without a 'cotangent'")
                    .at(Place.setting("optimizer")).expected("a program whose output is a scalar", "an array or a 'cotangent'"));
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>(scene.total.inputs());
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        Map<String, Double> changes = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        double predicted = 0;
        for (Map.Entry<String, Integer> wrt : scene.bound.wrt().entrySet()) {
            Tensor before = inputs.get(wrt.getKey());
            if (wrt.getValue() < 0 || before == null || !(scene.graph.op(wrt.getValue()) instanceof Leaf.Input)) {
                continue;
            }
            double[] gradient = scene.total.gradient(wrt.getValue()).data();
            Tensor after = before.copy();
            optimizer.update(after.length()).apply(after.data(), gradient.clone(), 1, optimizer.learningRate(), 1);
            double squares = 0;
            double norm = 0;
            for (int i = 0; i < gradient.length; i++) {
                double change = after.data()[i] - before.data()[i];
                predicted += gradient[i] == 0 ? 0 : gradient[i] * change;
                squares += change * change;
                norm += gradient[i] * gradient[i];
            }
            parameters.put(wrt.getKey(), after);
            changes.put(wrt.getKey(), Math.sqrt(squares));
            lines.add("  " + scene.text("step.parameter", wrt.getKey(), Numerals.of(Math.sqrt(norm)), Numerals.of(Math.sqrt(squares))));
        }
        inputs.putAll(parameters);
        double from = scene.total.value().item();
        double to = means.valueAt(inputs);
        lines.addFirst(scene.text("step", name, scene.outputId(), Numerals.of(from), Numerals.of(to), Numerals.of(predicted),
                Numerals.of(to - from)));
        return new Explanation.Step(parameters, changes, from, to, predicted, to - from, String.join("\n", lines));
    }
}
