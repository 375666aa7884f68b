package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A triangle of square matrices, zeros elsewhere; its own transpose. */
final class Triangle extends Movement {
    static final OpDefinition DEFINITION = OpDefinition.define("triangle", Family.MOVEMENT, "x")
            .attribute(Attribute.optional("lower", Attribute.Type.BOOLEAN, true, "the lower triangle, else the upper one"),
                    Attribute.optional("beside", Attribute.Type.INT, 0, "how far from the diagonal it begins"))
            .formula("\\operatorname{tri}(x)", "\\bar x = \\operatorname{tri}(\\bar y)")
            .example("y = triangle(x)\nf = sum(y^2)", Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}))
            .as(a -> new Triangle(a.flag("lower"), a.integer("beside")));

    private final boolean lower;
    private final int beside;

    Triangle(boolean lower, int beside) {
        this.lower = lower;
        this.beside = beside;
    }

    @Override
    public String name() {
        return "triangle";
    }

    @Override
    public Map<String, Object> attributes() {
        Map<String, Object> written = new LinkedHashMap<>();
        if (!lower) {
            written.put("lower", false);
        }
        if (beside != 0) {
            written.put("beside", beside);
        }
        return written;
    }

    @Override
    public Shape shape(Shape... operands) {
        MatrixFunction.side(name(), operands[0]);
        return operands[0];
    }

    @Override
    public void evaluate(Tensor[] operands, Tensor result, Checkpoint checkpoint) {
        int n = result.shape().last();
        double[] x = operands[0].data();
        for (int row = 0; row < x.length / n; row++) {
            if (row % 1024 == 0) {
                checkpoint.check();
            }
            int i = row % n;
            for (int j = 0; j < n; j++) {
                boolean inside = (lower ? (long) i - j : (long) j - i) >= beside;
                result.data()[row * n + j] = inside ? x[row * n + j] : 0;
            }
        }
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(this, operands[0]);
    }

    @Override
    Node transposed(Node node, int operand, Node cotangent) {
        return node.graph().add(this, cotangent);
    }
}
