package io.chainrule.core;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.linalg.Factorization;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds systems of equations whose solutions have lost digits. What counts is by how much a change of the matrix's entries, each in its
 * last digit, changes the result x: ‖ |A⁻¹| |A| |x| ‖ / ‖x‖ (Skeel 1979). Unlike the norms' condition number it is 1 for a diagonal matrix,
 * however its entries differ.
 */
final class Conditioning {
    private static final double DIGITS = 15.95;
    /** Results with more digits left are not told of. */
    private static final double MOST_LEFT = 8;
    /** Larger matrices would take longer to look at than to solve with. */
    private static final int LARGEST = 128;
    private static final long MOST_OPERATIONS = 3L * LARGEST * LARGEST * LARGEST;

    private Conditioning() {}

    static List<Trouble> troubles(Suspects suspects, LoweredProgram lowered, PlannedGraph.Run run, Checkpoint checkpoint) {
        List<Trouble> found = new ArrayList<>();
        Graph graph = lowered.program().graph();
        for (int node : suspects.solves()) {
            Tensor matrix = run.known(lowered.image(graph.operand(node, 0)));
            Tensor result = run.known(lowered.image(node));
            if (matrix != null && result != null && fits(matrix.shape(), result.shape())) {
                Trouble trouble = trouble(node, matrix, result, checkpoint);
                if (trouble != null) {
                    found.add(trouble);
                }
            }
        }
        return found;
    }

    /** Whether there is one result, a vector or a matrix, for each matrix. */
    private static boolean fits(Shape matrix, Shape result) {
        int leading = matrix.rank() - 2;
        return leading >= 0 && result.rank() > leading && result.rank() <= leading + 2
                && result.sub(0, leading + 1).equals(matrix.sub(0, leading + 1));
    }

    private static @Nullable Trouble trouble(int node, Tensor matrix, Tensor result, Checkpoint checkpoint) {
        int n = matrix.shape().last();
        long count = n == 0 ? 0 : matrix.shape().size() / n / n;
        if (count == 0 || n > LARGEST || 3.0 * count * n * n * n > MOST_OPERATIONS) {
            return null;
        }
        int columns = Math.toIntExact(result.length() / (count * n));
        double worst = 0;
        for (int k = 0; k < count; k++) {
            checkpoint.check();
            worst = Math.max(worst, condition(matrix.data(), k * n * n, n, result.data(), k * n * columns, columns, checkpoint));
        }
        double left = DIGITS - Logarithm.log10(worst);
        return worst > 0 && Double.isFinite(worst) && left <= MOST_LEFT
                ? new Trouble(Trouble.Kind.ILL_CONDITIONED, node, List.of(),
                        Map.of("condition", worst, "digits_left", Math.max(0, left), "size", (double) n))
                : null;
    }

    private static double condition(double[] a, int from, int n, double[] x, int at, int columns, Checkpoint checkpoint) {
        Factorization lu = Factorization.of(a, from, n, checkpoint);
        if (lu.isSingular()) {
            return 0;
        }
        double[] inverse = new double[n * n];
        lu.inverse(inverse, 0, checkpoint);
        double best = Double.POSITIVE_INFINITY;
        for (int c = 0; c < columns; c++) {
            double[] sizes = new double[n];
            double size = 0;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    sizes[i] += Math.abs(a[from + i * n + j]) * Math.abs(x[at + j * columns + c]);
                }
                size = Math.max(size, Math.abs(x[at + i * columns + c]));
            }
            double change = 0;
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int j = 0; j < n; j++) {
                    sum += Math.abs(inverse[i * n + j]) * sizes[j];
                }
                change = Math.max(change, sum);
            }
            best = size == 0 ? best : Math.min(best, change / size);
        }
        return Double.isFinite(best) ? best : 0;
    }
}
