package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Preparation;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.linalg.Factorization;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A function of each square matrix in the last two axes, with a matrix or a number as its value. */
final class MatrixFunction implements Op {

    /** Computes the value of one matrix. */
    interface Single {
        void apply(Element element, double[] result, int to);
    }

    /** One n × n matrix of a batch: its number among {@code count}, the arrays of the whole batch, and a checkpoint for long loops. */
    record Element(double[][] arrays, int n, int number, int count, Checkpoint checkpoint) {
        double[] matrices() {
            return arrays[0];
        }

        /** Where the matrix begins. */
        int from() {
            return number * n * n;
        }

        /** The factors of the matrix, for functions that are {@link MatrixFunction#ofFactors}. */
        Factorization lu() {
            return LuFactors.factors(arrays[1], number, n);
        }
    }

    /** Bounds on the error of the value y of one n × n matrix, of whose elements {@code e} bounds the errors. */
    interface Errors {
        void write(double[] a, double[] e, double[] y, int n, double[] bounds, Checkpoint checkpoint);
    }

    /** A derivative, of value y by x, times a cotangent or tangent. */
    interface Rule {
        @Nullable
        Node of(Node y, Node x, Node t);
    }

    private final String name;
    private final Map<String, Object> attributes;
    private final boolean toNumber;
    private final Single single;
    private final Rule backward;
    private final Rule forward;
    private final double flops;
    private final @Nullable Errors errors;
    private final @Nullable Preparation preparation;

    MatrixFunction(String name, Map<String, Object> attributes, boolean toNumber, Single single, Rule backward, Rule forward) {
        this(name, attributes, toNumber, single, backward, forward, 3, null, null);
    }

    private MatrixFunction(String name, Map<String, Object> attributes, boolean toNumber, Single single, Rule backward, Rule forward,
            double flops, @Nullable Errors errors, @Nullable Preparation preparation) {
        this.name = name;
        this.attributes = attributes;
        this.toNumber = toNumber;
        this.single = single;
        this.backward = backward;
        this.forward = forward;
        this.flops = flops;
        this.errors = errors;
        this.preparation = preparation;
    }

    /** The same, costing so many times n³ operations for a matrix of side n. */
    MatrixFunction costing(double flopsByCube) {
        return new MatrixFunction(name, attributes, toNumber, single, backward, forward, flopsByCube, errors, preparation);
    }

    /** The same, with bounds on its errors. */
    MatrixFunction bounded(Errors bounds) {
        return new MatrixFunction(name, attributes, toNumber, single, backward, forward, flops, bounds, preparation);
    }

    /** The same, as a function of the matrix's LU factors, which it shares with other ops. */
    MatrixFunction ofFactors() {
        return new MatrixFunction(name, attributes, toNumber, single, backward, forward, flops, errors, LuFactors.OF);
    }

    @Override
    public @Nullable Node error(Node node, @Nullable Node[] ofOperands) {
        Shape shape = node.operand(0).shape();
        Errors bounds = errors;
        if (bounds == null) {
            return Op.super.error(node, ofOperands);
        }
        int n = shape.last();
        Node given = ofOperands[0] == null ? node.graph().literal(0) : ofOperands[0];
        MatrixError.Bound bound = (x, result, checkpoint) -> bounds.write(x[0], x[1], x[2], n, result, checkpoint);
        return node.graph().add(new MatrixError(name, shape.rank() - 2, 10, bound), node.operand(0),
                MatrixError.stretched(shape, given, n, n), node);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Shape shape(Shape... operands) {
        checkSquare(name, operands[0]);
        return toNumber ? operands[0].sub(0, operands[0].rank() - 2) : operands[0];
    }

    /** {@link ShapeException} for matrices that are not square. */
    static void checkSquare(String op, Shape x) {
        if (x.rank() < 2 || x.last() != x.dim(x.rank() - 2)) {
            throw new ShapeException(op + " takes a square matrix, not shape " + x, "[…, n, n]", x.toString());
        }
    }

    /** The exception for a matrix that has no inverse or no such factor. */
    static ProblemException refused(String op, String what, int element, int elements) {
        String which = elements == 1 ? "the matrix" : "matrix " + element + " of the batch of " + elements;
        return new ProblemException(Problem.of(ProblemCode.SINGULAR_MATRIX, op + ": " + which + " is " + what)
                .expected(what.equals("singular") ? "a matrix that has an inverse" : "a positive definite matrix", what));
    }

    @Override
    public @Nullable Preparation preparation() {
        return preparation;
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        Kernel kernel = prepareSwapped(operands, result, new boolean[1]);
        return preparation == null ? kernel : preparation.before(kernel, operands[0]);
    }

    @Override
    public Kernel prepareSwapped(Shape[] operands, Shape result, boolean[] swapped) {
        Shape shape = operands[0];
        int n = shape.last();
        int count = shape.sub(0, shape.rank() - 2).length();
        int size = toNumber ? 1 : n * n;
        return (x, y, checkpoint) -> {
            for (int i = 0; i < count; i++) {
                checkpoint.check();
                single.apply(new Element(x, n, i, count, checkpoint), y, i * size);
            }
        };
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        int matrix = operands[0].last() * operands[0].last();
        int size = toNumber ? 1 : matrix;
        for (int i = 0; i * size < result.length(); i++) {
            dependence.all(0, new Line(i * matrix, 1, matrix), new Line(i * size, 1, size));
        }
        return true;
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return (long) (flops * operands[0].last() * operands[0].size());
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        return backward.of(node, node.operand(0), cotangent);
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        return tangents[0] == null ? null : forward.of(node, node.operand(0), tangents[0]);
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(this, operands[0]);
    }

    /** A triangle of matrices, from the diagonal or {@code beside} it, 0 elsewhere. */
    static Node triangle(Node x, boolean lower, int beside) {
        return x.graph().add(new Regions.Triangle(lower, lower ? -beside : beside), x);
    }

    /** The lower triangle of matrices with half the diagonal. */
    static Node halved(Node x) {
        return mul(0.5, add(triangle(x, true, 0), triangle(x, true, 1)));
    }

    /** An identity matrix for each matrix, of the same size. */
    static Node identity(Node like) {
        Node ones = broadcastTo(number(like.graph(), 1), like.shape());
        return triangle(triangle(ones, true, 0), false, 0);
    }
}
