package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks class labels and makes them indices: each is a class, counted from 0, or the label to be ignored, which becomes 0. */
final class ClassIndex implements FlatOp {
    static final OpDefinition DEFINITION = OpDefinition.define("class_index", Family.CUSTOM, "classes")
            .attribute(Attribute.required("num_classes", Attribute.Type.INT, "how many classes there are"),
                    Attribute.optional("ignore_index", Attribute.Type.INT, null, "a label that stands for no class"))
            .formula("0 \\text{ where } c \\text{ is ignored, else } c", "0")
            .convention("labels are whole numbers from 0, pass no gradient, and are refused where they name no class")
            .example("y = class_index(classes, num_classes=3)\nf = sum(y * [1, 2])", Tensor.vector(2, 0))
            .as(a -> new ClassIndex(a.integer("num_classes", 0, Integer.MAX_VALUE),
                    a.has("ignore_index") ? a.integer("ignore_index") : null))
            .checks(0).traits(Trait.ADJOINT)
            .code(OpCode.scalar("$0 == $ignore_index ? 0.0 : $0"));

    private final int count;
    private final @Nullable Integer ignored;

    ClassIndex(int count, @Nullable Integer ignored) {
        this.count = count;
        this.ignored = ignored;
    }

    @Override
    public String name() {
        return "class_index";
    }

    @Override
    public Map<String, Object> attributes() {
        Map<String, Object> attributes = new LinkedHashMap<>(Map.of("num_classes", count));
        if (ignored != null) {
            attributes.put("ignore_index", ignored);
        }
        return attributes;
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Shape shape(Shape... operands) {
        return operands[0];
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return result.size();
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        return (x, y, checkpoint) -> write(x[0], operands[0], y);
    }

    private void write(double[] labels, Shape shape, double[] y) {
        for (int i = 0; i < y.length; i++) {
            double label = labels[i];
            if (ignored != null && label == ignored) {
                y[i] = 0;
            } else if (label >= 0 && label < count && label == Math.rint(label)) {
                y[i] = label;
            } else {
                throw noClass(label, shape, i);
            }
        }
    }

    private ProblemException noClass(double label, Shape shape, int element) {
        String place = shape.isScalar() ? "" : " at " + Arrays.toString(shape.index(element));
        String text = label == (long) label ? String.valueOf((long) label) : String.valueOf(label);
        String wanted = (count == 0 ? "nothing: there are no classes" : "a whole number from 0 to " + (count - 1))
                + (ignored == null ? "" : ", or " + ignored + " to ignore the sample");
        return new ProblemException(Problem.of(ProblemCode.INVALID_VALUE,
                "the label " + text + place + " is none of the " + count + " classes").operand(0).expected(wanted, text));
    }

    @Override
    public @Nullable Node error(Node node, @Nullable Node[] errors) {
        return Errors.unlessExact(errors[0]);
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(this, operands[0]);
    }
}
