package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Elements read from, or added at, positions that another array holds. */
final class Gathering {
    private static final String INDICES = "indices are whole numbers, pass no gradient, and count from the end where they are negative";
    private static final Attribute AXIS = Attribute.optional("axis", Attribute.Type.INT, null,
            "the axis along which; of the flattened array if left out");
    private static final Attribute LAST_AXIS = Attribute.optional("axis", Attribute.Type.INT, -1, "the axis along which");

    static final OpDefinition TAKE_ALONG_AXIS = OpDefinition.define("take_along_axis", Family.MOVEMENT, "x", "indices")
            .attribute(LAST_AXIS)
            .formula("y_{\\dots j \\dots} = x_{\\dots i_{\\dots j \\dots} \\dots}", "\\bar x_i = \\sum_{j: i_j = i} \\bar y_j,\\ 0")
            .convention(INDICES).example("y = take_along_axis(x, indices)\nf = y[0] * y[1]", Tensor.vector(1, 2, 3), Tensor.vector(2, 0))
            .as(a -> new AlongAxis.TakeAlong(a.integer("axis"))).checks(1)
            .code(OpCode.map("""
                    for (int i = 0; i < ny; i++) {
                        int k = (int) x1[o1 + i * s1];
                        y[oy + i * sy] = x0[o0 + (k < 0 ? k + n0 : k) * s0];
                    }
                    """).numpy("np.take_along_axis($0, np.asarray($1).astype(int), axis=$axis)"));
    static final OpDefinition TRANSPOSE = OpDefinition.define("take_along_axis_transpose", Family.MOVEMENT, "indices", "updates")
            .attribute(Attribute.required("length", Attribute.Type.INT, "length of the result's axis"), LAST_AXIS)
            .formula("y_i = \\sum_{j: i_j = i} u_j", "0,\\ \\bar u_j = \\bar y_{i_j}").convention(INDICES + "; repeated ones add up")
            .example("y = take_along_axis_transpose(indices, updates, length=3)\nf = sum(y^2)", Tensor.vector(0, 2, 0),
                    Tensor.vector(1, 2, 3))
            .as(a -> new AlongAxis.AddAlong(a.integer("axis"), a.integer("length", 0, Integer.MAX_VALUE))).traits(Trait.SUMS, Trait.ADJOINT)
            .checks(0)
            .code(OpCode.map("""
                    for (int i = 0; i < ny; i++) {
                        y[oy + i * sy] = 0.0;
                    }
                    int n = n0 > n1 ? n0 : n1;
                    for (int i = 0; i < n; i++) {
                        int k = (int) x0[o0 + i * s0];
                        y[oy + (k < 0 ? k + ny : k) * sy] += x1[o1 + i * s1];
                    }
                    """).numpy("add_along($0, $1, $length, $axis)"));
    static final OpDefinition TAKE = OpDefinition.define("take", Family.MOVEMENT, "x", "indices").attribute(AXIS)
            .formula("y_{\\dots j \\dots} = x_{\\dots i_j \\dots}", "\\bar x_i = \\sum_{j: i_j = i} \\bar y_j,\\ 0").convention(INDICES)
            .example("y = take(x, indices)\nf = y[0] * y[1]", Tensor.vector(1, 2, 3), Tensor.vector(2, 0))
            .as(a -> Composite.moving("take", a, x -> take(x[0], x[1], a)).ignoring(1))
            .vanishes(", whose indices do not touch it");
    static final OpDefinition SCATTER_ADD = OpDefinition.define("scatter_add", Family.COMPOSITE, "x", "indices", "updates").attribute(AXIS)
            .formula("y_i = x_i + \\sum_{j: i_j = i} u_j", "\\bar x = \\bar y,\\ 0,\\ \\bar u_j = \\bar y_{i_j}")
            .convention(INDICES + "; repeated ones add up")
            .example("y = scatter_add(x, indices, updates)\nf = sum(y^2)", Tensor.vector(1, 2), Tensor.vector(0, 0), Tensor.vector(3, 4))
            .as(a -> Composite.of("scatter_add", a, x -> scatterAdd(x[0], x[1], x[2], a)).ignoring(1));
    static final OpDefinition ONE_HOT = OpDefinition.define("one_hot", Family.COMPOSITE, "indices")
            .attribute(Attribute.required("num_classes", Attribute.Type.INT, "length of the new last axis"))
            .formula("y_{\\dots c} = [i_{\\dots} = c]", "0").convention(INDICES)
            .example("y = one_hot(indices, num_classes=3)\nf = sum(y @ [1, 2, 3])", Tensor.vector(2, 0)).as(a -> {
                int classes = a.integer("num_classes", 0, Integer.MAX_VALUE);
                return Composite.of("one_hot", a, x -> oneHot(x[0], classes)).ignoring(0);
            });

    static final OpDefinition EMBEDDING = OpDefinition.define("embedding", Family.MOVEMENT, "indices", "weight")
            .formula("y_{\\dots} = w_{i_{\\dots}}", "0,\\ \\bar w_k = \\sum_{j: i_j = k} \\bar y_j")
            .convention(INDICES + "; the gradients of repeated ones add up")
            .example("y = embedding(indices, weight)\nf = sum(y^2)", Tensor.vector(2, 0, 2),
                    Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}, new double[]{5, 6}))
            .as(Composite.moving("embedding", Map.of(), x -> taken(x[1], x[0], 0)).ignoring(0));

    static final List<OpDefinition> ALL = List.of(TAKE_ALONG_AXIS, TRANSPOSE, TAKE, SCATTER_ADD, ONE_HOT, EMBEDDING);

    private Gathering() {}

    static Node takeAlong(Node x, Node indices, int axis) {
        return x.graph().add(new AlongAxis.TakeAlong(axis), x, indices);
    }

    private static Node take(Node x, Node indices, Attributes a) {
        Node from = a.has("axis") ? x : Rearranging.flatten(x, 0);
        return taken(from, indices, a.has("axis") ? x.shape().axis(a.integer("axis")) : 0);
    }

    /** Reads along an axis, counted from the front, which the axes of the indices replace in the result. */
    private static Node taken(Node from, Node indices, int axis) {
        from.shape().axis(axis);
        return reshape(takeAlong(from, along(indices, from, axis), axis), takenShape(from, indices, axis));
    }

    private static Node scatterAdd(Node x, Node indices, Node updates, Attributes a) {
        Node to = a.has("axis") ? x : Rearranging.flatten(x, 0);
        int axis = a.has("axis") ? x.shape().axis(a.integer("axis")) : 0;
        Node stretched = broadcastTo(updates, takenShape(to, indices, axis));
        Node parts = reshape(stretched, to.shape().with(axis, indices.shape().length()));
        Node added = x.graph().add(new AlongAxis.AddAlong(axis, to.shape().dim(axis)), along(indices, to, axis), parts);
        return add(x, reshape(added, x.shape()));
    }

    /** The indices flattened along one axis, all others of length 1, so that they broadcast against the array. */
    private static Node along(Node indices, Node like, int axis) {
        int[] dims = new int[like.shape().rank()];
        Arrays.fill(dims, 1);
        dims[axis] = indices.shape().length();
        return reshape(indices, Shape.of(dims));
    }

    private static Shape takenShape(Node x, Node indices, int axis) {
        return x.shape().sub(0, axis).concat(indices.shape()).concat(x.shape().sub(axis + 1, x.shape().rank()));
    }

    /** Vectors along a new last axis: 1 at the index, else 0. */
    static Node oneHot(Node indices, int classes) {
        Shape shape = indices.shape().inserted(indices.shape().rank(), 1);
        Node ones = broadcastTo(number(indices.graph(), 1), shape);
        return indices.graph().add(new AlongAxis.AddAlong(-1, classes), reshape(indices, shape), ones);
    }
}
