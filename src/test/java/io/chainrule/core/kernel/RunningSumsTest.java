package io.chainrule.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums of numbers that come in parts have the bits of sums of whole arrays. */
class RunningSumsTest {

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "7, 1, 3", "8, 1, 1", "255, 1, 2", "256, 1, 3", "257, 1, 4", "1000, 1, 5", "1024, 1, 2", "5000, 1, 3",
            "70000, 1, 1",
            "1, 5, 1", "7, 3, 2", "8, 300, 1", "256, 2, 2", "257, 5, 3", "1000, 7, 2", "3000, 1030, 1"})
    void partsMakeNoDifference(int rows, int columns, int groups) {
        int n = rows * columns;
        double[] x = new Random(3).doubles((long) n * groups).map(value -> Math.exp(20 * value) * (value < 0.5 ? -1 : 1)).toArray();
        double[] whole = new double[groups * columns];
        for (int group = 0; group < groups; group++) {
            if (columns == 1) {
                whole[group] = new ScalarKernels().sum(x, group * n, n);
            } else {
                new ScalarKernels().sumRows(x, group * n, rows, columns, whole, group * columns, Checkpoint.NONE);
            }
        }
        for (int longest : new int[]{1, 3, 256, 300, 1024, 2000, x.length}) {
            double[] running = new double[groups * columns];
            RunningSums sums = new RunningSums(rows, columns, running, 0);
            Random random = new Random(longest);
            int done = 0;
            while (done < x.length) {
                int part = Math.min(x.length - done, longest == 1024 ? longest : 1 + random.nextInt(longest));
                sums.add(x, done, part);
                done += part;
            }
            assertThat(running).as("parts of up to " + longest).containsExactly(whole);
        }
    }

    /** Parts that begin at multiples of a unit are added up apart, in any order, and joined in theirs. */
    @ParameterizedTest
    @CsvSource({"1000, 1, 1", "1024, 1, 1", "5000, 1, 1", "70000, 1, 1", "1000, 7, 1", "2049, 3, 1", "300, 1, 40", "300, 4, 10"})
    void partsCanBeAddedUpApart(int rows, int columns, int groups) {
        int n = rows * columns;
        double[] x = new Random(4).doubles((long) n * groups).map(value -> Math.exp(20 * value) * (value < 0.5 ? -1 : 1)).toArray();
        double[] expected = new double[groups * columns];
        new RunningSums(rows, columns, expected, 0).add(x, 0, x.length);
        int unit = groups > 1 ? n : (int) RunningSums.unit(columns);
        for (int factor : new int[]{1, 2, 3, 4, 5, 7, 8, 12, 20, 75}) {
            double[] out = new double[groups * columns];
            List<RunningSums> parts = new ArrayList<>();
            for (int from = 0; from < x.length; from += factor * unit) {
                parts.add(new RunningSums(rows, columns, out, from));
                parts.getLast().add(x, from, Math.min(factor * unit, x.length - from));
            }
            parts.stream().skip(1).forEach(parts.getFirst()::add);
            assertThat(out).as(parts.size() + " parts").containsExactly(expected);
        }
    }
}
