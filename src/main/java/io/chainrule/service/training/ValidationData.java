package io.chainrule.service.training;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the validation data of a training.
 *
 * @param carriers the inputs that carry samples
 * @param shapes the shapes of the training's inputs
 * @param trained the inputs that are trained
 */
record ValidationData(List<String> carriers, Map<String, Shape> shapes, Set<String> trained) {
    private static final Place INPUTS = Place.setting("validation", "inputs");

    /**
     * Returns the validation values that carry samples; throws {@link io.chainrule.core.graph.ProblemException} if they do not fit the
     * training's inputs.
     */
    Map<String, Tensor> checked(Map<String, Tensor> given) {
        Problems problems = new Problems();
        given.forEach((id, value) -> check(id, value, problems));
        Map<String, Tensor> samples = new LinkedHashMap<>();
        int count = -1;
        for (String id : carriers) {
            Tensor value = given.get(id);
            if (shapes.containsKey(id) && value == null) {
                problems.add(Problem.of(ProblemCode.MISSING_INPUT, "the validation data have no samples of '" + id + "'").node(id)
                        .at(INPUTS));
            } else if (value != null && !value.shape().isScalar()) {
                int length = value.shape().dim(0);
                if (count >= 0 && count != length) {
                    problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, "the validation data have " + count + " samples, of '" + id + "' "
                            + length).node(id).at(INPUTS.part(id)));
                }
                count = length;
                samples.put(id, value);
            }
        }
        problems.throwIfAny();
        return samples;
    }

    private void check(String id, Tensor value, Problems problems) {
        Shape training = shapes.get(id);
        if (training == null || trained.contains(id)) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "validation data are values of the inputs that are not trained; '" + id
                    + "' is none").at(INPUTS.part(id)).expected("an input of 'inputs' that is not in 'wrt'", id));
        } else if (carriers.contains(id)
                && (value.shape().isScalar() || !ofOne(value.shape()).equals(ofOne(training)) || value.shape().dim(0) == 0)) {
            problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, "samples of '" + id + "' have shape " + ofOne(training)
                    + ", along a leading axis of at least one; the validation data have " + value.shape()).node(id).at(INPUTS.part(id))
                    .expected(Shape.of(1).concat(ofOne(training)).toString(), value.shape().toString()));
        }
    }

    private static Shape ofOne(Shape shape) {
        return shape.isScalar() ? shape : shape.without(0);
    }
}
