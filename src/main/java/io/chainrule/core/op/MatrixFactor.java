package io.chainrule.core.op;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One factor of each matrix in the last two axes. The other factors are ops of their own, computed together with it. */
final class MatrixFactor implements Op {

    /** Lengths of the factor's axes, of a matrix of m rows and n columns. */
    interface Lengths {
        int[] of(int m, int n);
    }

    private final String name;
    private final MatrixFactoring factoring;
    private final Factoring.Part part;
    private final boolean square;
    private final Lengths lengths;
    private final double flops;
    private final MatrixFunction.Rule backward;
    private final MatrixFunction.Rule forward;
    private final @Nullable UnaryOperator<Node> kink;

    /** {@code flops} are counted per cube of the matrix's side; {@code kink} makes the kink's mask from the factor's node. */
    MatrixFactor(String name, MatrixFactoring factoring, int number, boolean square, Lengths lengths, double flops,
            MatrixFunction.Rule backward,
            MatrixFunction.Rule forward, @Nullable UnaryOperator<Node> kink) {
        this.name = name;
        this.factoring = factoring;
        this.part = new Factoring.Part(factoring, number);
        this.square = square;
        this.lengths = lengths;
        this.flops = flops;
        this.backward = backward;
        this.forward = forward;
        this.kink = kink;
    }

    private record Sizes(int m, int n, Shape batch) {
        static Sizes of(Shape x) {
            return new Sizes(x.dim(x.rank() - 2), x.last(), x.sub(0, x.rank() - 2));
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Factoring.Part part() {
        return part;
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape x = operands[0];
        if (square) {
            MatrixFunction.checkSquare(name, x);
        } else if (x.rank() < 2) {
            throw new ShapeException(name + " takes matrices, not shape " + x, "[…, m, n]", x.toString());
        }
        Sizes sizes = Sizes.of(x);
        return sizes.batch.concat(Shape.of(lengths.of(sizes.m, sizes.n)));
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        return part.prepare(operands[0]);
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        Sizes sizes = Sizes.of(operands[0]);
        int matrix = sizes.m * sizes.n;
        int size = Shape.of(lengths.of(sizes.m, sizes.n)).length();
        for (int i = 0; i * size < result.length(); i++) {
            dependence.all(0, new Line(i * matrix, 1, matrix), new Line(i * size, 1, size));
        }
        return true;
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        Sizes sizes = Sizes.of(operands[0]);
        return (long) (flops * Math.min(sizes.m, sizes.n) * operands[0].size());
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        Node x = node.operand(0);
        return x.shape().size() == 0 ? null : backward.of(node, x, cotangent);
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node x = node.operand(0);
        Node tangent = tangents[0];
        return tangent == null || x.shape().size() == 0 ? null : forward.of(node, x, tangent);
    }

    @Override
    public Node error(Node node, @Nullable Node[] errors) {
        Node x = node.operand(0);
        Sizes sizes = Sizes.of(x.shape());
        Node given = errors[0] == null ? node.graph().literal(0) : errors[0];
        MatrixError.Bound bound = factoring.bound(part.number(), sizes.m, sizes.n);
        return node.graph().add(new MatrixError(name, sizes.batch.rank(), (int) (2 * flops), bound), x,
                MatrixError.stretched(x.shape(), given, sizes.m, sizes.n), node);
    }

    @Override
    public @Nullable Node kink(Node node) {
        return kink == null || node.operand(0).shape().size() == 0 ? null : kink.apply(node);
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(this, operands[0]);
    }
}
