package io.chainrule.core.op;

import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Strides;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Ops that arrange the same elements in another shape. */
final class Shaping {
    private static final Tensor SAMPLE = Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6});

    static final OpDefinition RESHAPE = OpDefinition.define("reshape", Family.MOVEMENT, "x")
            .attribute(Attribute.required("shape", Attribute.Type.INTS, "the new lengths; one may be -1 and is found"))
            .formula("\\operatorname{reshape}(x)", "\\bar x = \\operatorname{reshape}(\\bar y)")
            .example("y = reshape(x, shape=[3, 2])\nf = sum(y[0]^2)", SAMPLE)
            .as(a -> new Reshape(given(a, "shape"))).traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL, VIEW, STRETCHES)
            .code(OpCode.array("np.reshape($0, $SHAPE)"));
    static final OpDefinition TRANSPOSE = OpDefinition.define("transpose", Family.MOVEMENT, "x")
            .attribute(Attribute.optional("axes", Attribute.Type.INTS, null, "which old axis stands at each place; reversed if left out"))
            .formula("x^\\mathsf{T}", "\\bar x = \\bar y^\\mathsf{T}").example("y = x.T\nf = sum(y[0]^2)", SAMPLE)
            .as(a -> new Transpose(a.integers("axes"))).traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL, VIEW)
            .code(OpCode.array("np.transpose($0, $axes)"));
    static final OpDefinition BROADCAST_TO = OpDefinition.define("broadcast_to", Family.MOVEMENT, "x")
            .attribute(Attribute.required("shape", Attribute.Type.INTS, "the shape to stretch to"))
            .formula("\\operatorname{broadcast}(x)", "\\bar x = \\sum \\bar y \\text{ along stretched axes}")
            .example("y = broadcast_to(x, shape=[2, 3])\nf = sum(y^2)", Tensor.vector(1, 2, 3))
            .as(a -> new BroadcastTo(a.shape("shape"))).traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL, VIEW, STRETCHES)
            .code(OpCode.array("np.broadcast_to($0, $SHAPE)"));
    static final OpDefinition CONCATENATE = OpDefinition.define("concatenate", Family.MOVEMENT, "x").sequence()
            .attribute(Attribute.optional("axis", Attribute.Type.INT, 0, "the axis along which operands follow each other"))
            .formula("[x_1, x_2, \\dots]", "\\bar x_i = \\text{its part of } \\bar y")
            .example("y = concatenate(x, 2 * x)\nf = sum(y^2)", Tensor.vector(1, 2))
            .as(a -> new Join(false, a.integer("axis"))).alias("concat").traits(FINITE)
            .code(OpCode.array("np.concatenate([$*], axis=$axis)"));
    static final OpDefinition STACK = OpDefinition.define("stack", Family.MOVEMENT, "x").sequence()
            .attribute(Attribute.optional("axis", Attribute.Type.INT, 0, "where the new axis stands"))
            .formula("[x_1, x_2, \\dots]", "\\bar x_i = \\bar y_i").example("y = stack(x, x^2)\nf = sum(y)", Tensor.vector(1, 2))
            .as(a -> new Join(true, a.integer("axis"))).traits(FINITE)
            .code(OpCode.array("np.stack([$*], axis=$axis)"));

    static final List<OpDefinition> ALL = List.of(RESHAPE, TRANSPOSE, BROADCAST_TO, CONCATENATE, STACK);

    private Shaping() {}

    private static List<Integer> given(Attributes a, String name) {
        return Objects.requireNonNull(a.integers(name));
    }

    /** The same elements in row-major order, in another shape. */
    static final class Reshape extends Movement {
        private final List<Integer> dims;

        Reshape(List<Integer> dims) {
            this.dims = dims;
        }

        @Override
        public String name() {
            return "reshape";
        }

        @Override
        public Map<String, Object> attributes() {
            return Map.of("shape", dims);
        }

        @Override
        public Shape shape(Shape... operands) {
            int[] result = new int[dims.size()];
            int open = -1;
            long known = 1;
            for (int i = 0; i < result.length; i++) {
                result[i] = dims.get(i);
                if (result[i] < -1 || result[i] == -1 && open >= 0) {
                    throw new ShapeException("shape " + dims + " has more than one open length, or a negative one", "at most one -1",
                            dims.toString()).by("shape");
                }
                if (result[i] == -1) {
                    open = i;
                } else {
                    known *= result[i];
                }
            }
            if (open >= 0) {
                result[open] = known == 0 ? -1 : (int) (operands[0].size() / known);
            }
            if (open >= 0 && result[open] < 0 || Shape.of(result).size() != operands[0].size()) {
                throw new ShapeException("the " + operands[0].size() + " elements of shape " + operands[0] + " do not fill " + dims,
                        operands[0].size() + " elements", dims.toString());
            }
            return Shape.of(result);
        }

        @Override
        public boolean isView() {
            return true;
        }

        @Override
        public long flops(Shape[] operands, Shape result) {
            return 0;
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            return (x, y, checkpoint) -> System.arraycopy(x[0], 0, y, 0, y.length);
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            Shape one = shape(operands[0].shape().sub(1, operands[0].shape().rank()));
            return Maths.reshape(operands[0], Shape.of(n).concat(one));
        }

        @Override
        public Node onOneHot(Node[] operands, boolean[] hot) {
            return operands[0].graph().add(this, operands);
        }

        @Override
        Node transposed(Node node, int operand, Node cotangent) {
            return Maths.reshape(cotangent, node.operand(0).shape());
        }
    }

    /** Axes in another order. */
    static final class Transpose extends Movement {
        private final @Nullable List<Integer> axes;

        Transpose(@Nullable List<Integer> axes) {
            this.axes = axes;
        }

        @Override
        public String name() {
            return "transpose";
        }

        @Override
        public Map<String, Object> attributes() {
            return axes == null ? Map.of() : Map.of("axes", axes);
        }

        /** Whether this is the transpose of a matrix of this shape. */
        boolean swapsRowsAndColumns(Shape x) {
            return x.rank() == 2 && order(x)[0] == 1;
        }

        private int[] order(Shape x) {
            if (axes == null) {
                return IntStream.range(0, x.rank()).map(i -> x.rank() - 1 - i).toArray();
            }
            int[] order = axes.stream().mapToInt(x::axis).toArray();
            if (IntStream.of(order).distinct().count() != x.rank() || order.length != x.rank()) {
                throw new ShapeException("axes " + axes + " do not name each axis of " + x + " once", x.rank() + " axes",
                        axes.toString()).by("axes");
            }
            return order;
        }

        @Override
        public Shape shape(Shape... operands) {
            return Shape.of(IntStream.of(order(operands[0])).map(operands[0]::dim).toArray());
        }

        @Override
        public boolean swapsLastAxes(Shape operand) {
            int[] order = order(operand);
            int last = order.length - 1;
            return last > 0 && order[last] == last - 1 && order[last - 1] == last
                    && IntStream.range(0, last - 1).allMatch(i -> order[i] == i);
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            int[] strides = Strides.of(operands[0]);
            return new Region(result.dims(), IntStream.of(order(operands[0])).map(i -> strides[i]).toArray(), 0).reading();
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            List<Integer> shifted = new ArrayList<>(List.of(0));
            for (int axis : order(operands[0].shape().sub(1, operands[0].shape().rank()))) {
                shifted.add(axis + 1);
            }
            return Maths.transpose(operands[0], shifted);
        }

        @Override
        Node transposed(Node node, int operand, Node cotangent) {
            if (axes == null) {
                return node.graph().add(this, cotangent);
            }
            int[] order = order(node.operand(0).shape());
            List<Integer> inverse = new ArrayList<>(Collections.nCopies(order.length, 0));
            for (int i = 0; i < order.length; i++) {
                inverse.set(order[i], i);
            }
            return Maths.transpose(cotangent, inverse);
        }
    }

    /** Stretched as in broadcasting. */
    static final class BroadcastTo extends Movement {
        private final Shape target;

        BroadcastTo(Shape target) {
            this.target = target;
        }

        @Override
        public String name() {
            return "broadcast_to";
        }

        @Override
        public Map<String, Object> attributes() {
            return Map.of("shape", target.toList());
        }

        @Override
        public Shape shape(Shape... operands) {
            if (!operands[0].broadcastsTo(target)) {
                throw new ShapeException("shape " + operands[0] + " does not stretch to " + target, "lengths of 1, or those of " + target,
                        operands[0].toString());
            }
            return target;
        }

        @Override
        public boolean isStretched() {
            return true;
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            return new Region(target.dims(), Strides.broadcast(operands[0], target), 0).reading();
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            return Maths.broadcastTo(Batched.withRank(operands[0], target.rank()), Shape.of(n).concat(target));
        }

        @Override
        Node transposed(Node node, int operand, Node cotangent) {
            return Maths.sumTo(cotangent, node.operand(0).shape());
        }
    }
}
