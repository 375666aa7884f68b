package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StarColoringTest {

    private static int[][] matrix(int n, BiPredicate<Integer, Integer> hasEntry) {
        return IntStream.range(0, n).mapToObj(row -> IntStream.range(0, n).filter(column -> hasEntry.test(row, column)).toArray())
                .toArray(int[][]::new);
    }

    @ParameterizedTest
    @CsvSource({"arrow, 2", "arrow from the end, 2", "band, 3", "diagonal, 1", "full, 40", "two arrows, 3", "empty, 0"})
    void colors(String name, int count) {
        int n = 40;
        int[][] rows = matrix(n, (i, j) -> switch (name) {
            case "arrow" -> i.equals(j) || i == 0 || j == 0;
            case "arrow from the end" -> i.equals(j) || i == n - 1 || j == n - 1;
            case "band" -> Math.abs(i - j) <= 1;
            case "diagonal" -> i.equals(j);
            case "full" -> true;
            case "two arrows" -> i.equals(j) || Math.min(i, j) < 2;
            default -> false;
        });
        Coloring coloring = Objects.requireNonNull(StarColoring.of(rows, Checkpoint.NONE));
        assertThat(coloring.count()).isEqualTo(count);
        checkRecovery(rows, coloring, new Random(1));
    }

    @Test
    void everySymmetricMatrixIsRecovered() {
        Random random = new Random(2);
        for (int round = 0; round < 300; round++) {
            int n = 1 + random.nextInt(30);
            double density = random.nextDouble();
            boolean[][] has = new boolean[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    has[i][j] = random.nextDouble() < density * density;
                    has[j][i] = has[i][j];
                }
            }
            int[][] rows = matrix(n, (i, j) -> has[i][j]);
            checkRecovery(rows, Objects.requireNonNull(StarColoring.of(rows, Checkpoint.NONE)), random);
        }
    }

    /** Then columns are put into passes without symmetry, as those of a Jacobian are. */
    @Test
    void aSearchThatWouldTakeTooLongIsGivenUp() {
        assertThat(StarColoring.of(matrix(60, (_, _) -> true), Checkpoint.NONE)).isNotNull();
        assertThat(StarColoring.of(matrix(300, (_, _) -> true), Checkpoint.NONE)).isNull();
    }

    @Test
    void otherMatricesHaveNone() {
        assertThat(StarColoring.of(new int[][]{{0, 1}, {1}}, Checkpoint.NONE)).isNull();
    }

    /** Multiplies a symmetric matrix of this pattern by the sums of unit vectors and reads it back. */
    private static void checkRecovery(int[][] rows, Coloring coloring, Random random) {
        int n = rows.length;
        double[][] matrix = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j : rows[i]) {
                matrix[i][j] = i < j ? 1 + random.nextDouble() : i == j ? 1 : matrix[j][i];
            }
        }
        double[][] products = new double[coloring.count()][n];
        for (int i = 0; i < n; i++) {
            for (int j : rows[i]) {
                products[coloring.colors()[j]][i] += matrix[i][j];
            }
        }
        double[][] read = new double[n][n];
        int[][] readable = StarColoring.readable(rows, coloring);
        int count = 0;
        for (int column = 0; column < n; column++) {
            for (int row : readable[column]) {
                read[row][column] = products[coloring.colors()[column]][row];
                read[column][row] = read[row][column];
                count++;
            }
        }
        assertThat(read).isDeepEqualTo(matrix);
        int entries = Arrays.stream(rows).mapToInt(row -> row.length).sum();
        int diagonal = (int) IntStream.range(0, n).filter(i -> Arrays.binarySearch(rows[i], i) >= 0).count();
        assertThat(count).as("each of two mirror images is read once").isEqualTo((entries + diagonal) / 2);
    }
}
