package io.chainrule.core.op;

import io.chainrule.core.elementary.Power;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.linalg.Factorization;
import io.chainrule.core.linalg.SingularValues;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The derivative of the matrix of cofactors of x in directions t₁, …, t_k: the gradient of the k-th derivative of det. Linear in
 * each direction, symmetric, and its derivative by x has one direction more: closed under differentiation. Without division,
 * so that singular matrices are as good as others: with x = u σ vᵀ and g = uᵀ t v, the derivative of det in k directions is the
 * sum over rows i₁, …, i_k, all different, of det [g_a(i_a, i_b)] times the other σ, by det's linearity in each row.
 */
final class CofactorDerivative implements Op {
    static final OpDefinition DEFINITION = OpDefinition.define("cofactor_derivative", Family.CUSTOM, "x", "t").variadic()
            .formula("y = \\frac{\\partial}{\\partial x} \\frac{\\partial^k \\det x}{\\partial t_1 \\cdots \\partial t_k}",
                    "\\bar t_i = y(t_i \\to \\bar y),\\ \\bar x = y(t_1, \\dots, t_k, \\bar y)")
            .convention("a polynomial: right for singular matrices too").example("y = cofactor_derivative(x, t)\nf = sum(y^2)",
                    Tensor.matrix(new double[]{1, 2, 3}, new double[]{2, 4, 6}, new double[]{1, 1, 1}),
                    Tensor.matrix(new double[]{1, 0, 0}, new double[]{0, 2, 0}, new double[]{0, 1, 0}))
            .as(new CofactorDerivative()).traits(Trait.ADJOINT);

    @Override
    public String name() {
        return "cofactor_derivative";
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Shape shape(Shape... operands) {
        MatrixFunction.checkSquare(name(), operands[0]);
        for (Shape direction : operands) {
            if (!direction.equals(operands[0])) {
                throw new ShapeException(name() + " takes directions of the shape of x, " + operands[0] + ", not " + direction,
                        operands[0].toString(), direction.toString());
            }
        }
        return operands[0];
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        int n = result.last();
        return (x, y, checkpoint) -> write(x, y, n, checkpoint);
    }

    private static void write(double[][] operands, double[] result, int n, Checkpoint checkpoint) {
        for (int from = 0; from < result.length; from += n * n) {
            SingularValues.Decomposition svd = SingularValues.Decomposition.of(operands[0], from, n, n, true, checkpoint);
            double[][] left = columns(svd.left(), n);
            double[][] right = columns(svd.right(), n);
            double[][][] g = new double[operands.length][n][n];
            for (int a = 1; a < operands.length; a++) {
                for (int i = 0; i < n; i++) {
                    checkpoint.check();
                    double[] row = combined(left[i], operands[a], from, n);
                    for (int j = 0; j < n; j++) {
                        g[a][i][j] = product(row, right[j]);
                    }
                }
            }
            double[][] gradient = new double[n][n];
            new Tuples(svd.values(), g, gradient, checkpoint).addFrom(0);
            double sign = orientation(svd.left(), n, checkpoint) * orientation(svd.right(), n, checkpoint);
            Arrays.fill(result, from, from + n * n, 0);
            for (int i = 0; i < n; i++) {
                double[] row = new double[n];
                for (int j = 0; j < n; j++) {
                    add(row, 0, gradient[i][j], right[j]);
                }
                for (int r = 0; r < n; r++) {
                    add(result, from + r * n, sign * left[i][r], row);
                }
            }
        }
    }

    private static double[] combined(double[] weights, double[] rows, int from, int n) {
        double[] sum = new double[n];
        for (int r = 0; r < n; r++) {
            for (int j = 0; j < n; j++) {
                sum[j] += weights[r] * rows[from + r * n + j];
            }
        }
        return sum;
    }

    private static double product(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private static void add(double[] to, int at, double factor, double[] x) {
        for (int i = 0; i < x.length; i++) {
            to[at + i] += factor * x[i];
        }
    }

    /** The sign of the determinant of an orthogonal matrix. */
    private static double orientation(double[] matrix, int n, Checkpoint checkpoint) {
        return Factorization.of(matrix, 0, n, checkpoint).sign();
    }

    private static double[][] columns(double[] matrix, int n) {
        double[][] columns = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                columns[j][i] = matrix[i * n + j];
            }
        }
        return columns;
    }

    /** Adds up over all tuples of different rows; the first row belongs to the direction that the gradient is taken by. */
    private static final class Tuples {
        private final double[] values;
        private final double[][][] g;
        private final double[][] gradient;
        private final Checkpoint checkpoint;
        private final int[] chosen;
        private final boolean[] used;

        Tuples(double[] values, double[][][] g, double[][] gradient, Checkpoint checkpoint) {
            this.values = values;
            this.g = g;
            this.gradient = gradient;
            this.checkpoint = checkpoint;
            this.chosen = new int[g.length];
            this.used = new boolean[values.length];
        }

        void addFrom(int position) {
            if (position == chosen.length) {
                addTuple();
                return;
            }
            checkpoint.check();
            for (int i = 0; i < values.length; i++) {
                if (!used[i]) {
                    used[i] = true;
                    chosen[position] = i;
                    addFrom(position + 1);
                    used[i] = false;
                }
            }
        }

        private void addTuple() {
            double others = 1;
            for (int i = 0; i < values.length; i++) {
                others *= used[i] ? 1 : values[i];
            }
            if (others == 0) {
                return;
            }
            for (int b = 0; b < chosen.length; b++) {
                gradient[chosen[0]][chosen[b]] += others * cofactor(b);
            }
        }

        /** The cofactor of the element in the first row and column {@code skipped} of [g_a(i_a, i_b)]. */
        private double cofactor(int skipped) {
            int k = chosen.length - 1;
            double[] minor = new double[k * k];
            for (int a = 1; a <= k; a++) {
                for (int b = 0; b < k; b++) {
                    minor[(a - 1) * k + b] = g[a][chosen[a]][chosen[b < skipped ? b : b + 1]];
                }
            }
            return (skipped % 2 == 0 ? 1 : -1) * Factorization.of(minor, 0, k, Checkpoint.NONE).determinant();
        }
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        int matrix = result.last() * result.last();
        for (int k = 0; k < operands.length; k++) {
            for (int first = 0; first < result.length(); first += matrix) {
                dependence.all(k, new Line(first, 1, matrix), new Line(first, 1, matrix));
            }
        }
        return true;
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        double n = result.last();
        double matrices = result.size() / Math.max(1, n * n);
        double k = operands.length;
        return (long) Math.min(matrices * (60 * n * n * n + Power.pow(n, k) * (n + k * k * k * k)), 9e18);
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        return along(node, operand, cotangent);
    }

    /** The node with this direction instead of an operand, or, for x, with one direction more; null if that derivative is zero. */
    private @Nullable Node along(Node node, int operand, Node direction) {
        int count = node.operandCount();
        Node[] operands = new Node[operand == 0 ? count + 1 : count];
        for (int i = 0; i < count; i++) {
            operands[i] = node.operand(i);
        }
        operands[operand == 0 ? count : operand] = direction;
        return operands.length > node.shape().last() ? null : node.graph().add(this, operands);
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node sum = null;
        for (int k = 0; k < tangents.length; k++) {
            Node tangent = tangents[k];
            Node part = tangent == null ? null : along(node, k, tangent);
            if (part != null) {
                sum = sum == null ? part : Maths.add(sum, part);
            }
        }
        return sum;
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(this, Batched.all(operands, batched, n));
    }
}
