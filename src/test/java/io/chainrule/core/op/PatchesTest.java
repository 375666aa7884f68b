package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Shape;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The matrix that a convolution multiplies by its kernel: which elements of the input it holds, how it is stored, and its memory. */
class PatchesTest {
    private static final int GROUPS = 2;

    /** A convolution of x [batch, 2 · channels, ...] in two groups, over one axis for each window. */
    record Case(int batch, int channels, Shape space, Shape taps, List<Window> windows) {
        static Case of(int batch, int channels, String space, String taps, Window... windows) {
            return new Case(batch, channels, ShapeTables.shape(space), ShapeTables.shape(taps), List.of(windows));
        }

        Patches.Sizes sizes() {
            int[] places = IntStream.range(0, windows.size()).map(i -> windows.get(i).result(space.dim(i), taps.dim(i))).toArray();
            return new Patches.Sizes(batch, GROUPS, channels, 1, space, taps, Shape.of(places));
        }

        List<Phase[]> phases() {
            return PatchesTest.phases(windows, taps, sizes().places());
        }
    }

    /** The results that use the same elements of the kernel, for each choice of such elements. */
    static List<Phase[]> phases(List<Window> windows, Shape taps, Shape places) {
        List<List<Phase>> ofAxes = IntStream.range(0, windows.size())
                .mapToObj(i -> Phase.of(windows.get(i), taps.dim(i), places.dim(i))).toList();
        Shape choices = Shape.of(ofAxes.stream().mapToInt(List::size).toArray());
        return IntStream.range(0, choices.length()).mapToObj(choices::index)
                .map(chosen -> IntStream.range(0, chosen.length).mapToObj(i -> ofAxes.get(i).get(chosen[i])).toArray(Phase[]::new))
                .toList();
    }

    private static Window window(int stride, int before, int after, int inputDilation, int dilation) {
        return new Window(stride, before, after, inputDilation, dilation);
    }

    static Stream<Case> cases() {
        Window plain = window(1, 0, 0, 1, 1);
        return Stream.of(Case.of(2, 3, "5,6", "2,3", plain, plain),
                Case.of(2, 2, "6,5", "3,2", window(2, 1, 1, 1, 1), window(3, 2, 1, 1, 2)),
                // Windows that lie beyond the input, at its beginning and at its end.
                Case.of(2, 1, "3,3", "1,2", window(1, 2, 2, 1, 1), window(1, 4, 5, 1, 1)),
                Case.of(1, 2, "2", "5", window(1, 9, 7, 1, 1)), Case.of(1, 1, "4", "3", window(1, -1, 0, 1, 1)),
                // The kernel is longer than the results.
                Case.of(2, 3, "9", "7", plain), Case.of(2, 2, "5,8", "2,7", plain, window(1, 1, 0, 1, 1)),
                Case.of(1, 2, "3,20", "1,6", plain, window(1, 0, 0, 1, 3)), Case.of(1, 1, "4", "8", window(2, 6, 7, 1, 2)),
                // Zeros between elements of the input.
                Case.of(1, 2, "4,5", "3,4", window(1, 2, 2, 2, 1), window(3, 1, 4, 2, 1)), Case.of(1, 1, "6", "9", window(1, 1, 2, 3, 1)),
                // Rows that are longer than a block, rows of which many make one, and more of these than one holds.
                Case.of(2, 1, "2,600", "1,2", plain, plain), Case.of(9, 1, "8,9", "2,2", plain, plain), Case.of(1, 1, "300", "1", plain));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_column_holds_what_its_result_reads(Case c) {
        double[] x = new double[c.batch * GROUPS * c.channels * c.space.length()];
        Arrays.setAll(x, i -> i + 1);
        for (Phase[] phases : c.phases()) {
            Patches patches = new Patches(c.sizes(), phases);
            PatchBlock block = new PatchBlock(patches, x);
            for (int group = 0; group < GROUPS; group++) {
                int column = 0;
                for (int run = 0; run < patches.runs(); run += patches.runsInBlock()) {
                    block.place(run, Math.min(patches.runsInBlock(), patches.runs() - run));
                    assertThat(block.width()).isBetween(1, Patches.COLUMNS);
                    for (int row = 0; row < patches.depth(); row += 5) {
                        int rows = Math.min(5, patches.depth() - row);
                        Matrix part = block.fill(group, row, rows);
                        for (int i = 0; i < rows; i++) {
                            for (int j = 0; j < block.width(); j++) {
                                assertThat(part.values()[part.index(i, j)]).as("group %s, row %s, column %s", group, row + i, column + j)
                                        .isEqualTo(read(c, phases, x, group, row + i, column + j));
                            }
                        }
                    }
                    column += block.width();
                }
                assertThat(column).isEqualTo(results(c, phases).length());
            }
        }
    }

    /** The results in these phases, of one group and filter. */
    private static Shape results(Case c, Phase[] phases) {
        return Shape.of(IntStream.concat(IntStream.of(c.batch), Arrays.stream(phases).mapToInt(Phase::count)).toArray());
    }

    /** By {@link Window#source}: a row for each channel and element of the kernel, a column for each result. */
    private static double read(Case c, Phase[] phases, double[] x, int group, int row, int column) {
        int[] result = results(c, phases).index(column);
        Shape rows = Shape.of(IntStream.concat(IntStream.of(c.channels), Arrays.stream(phases).mapToInt(p -> p.taps().length)).toArray());
        int[] tap = rows.index(row);
        int at = (result[0] * GROUPS + group) * c.channels + tap[0];
        for (int i = 0; i < phases.length; i++) {
            int place = phases[i].first() + result[i + 1] * phases[i].period();
            int source = c.windows.get(i).source(place, phases[i].taps()[tap[i + 1]], c.space.dim(i));
            if (source < 0) {
                return 0;
            }
            at = at * c.space.dim(i) + source;
        }
        return x[at];
    }

    static Stream<Arguments> lengths() {
        return Stream.of(arguments("3,20", "3,4", true), arguments("3,20", "1,17", false), arguments("9", "2", true),
                arguments("9", "8", false));
    }

    /** Short copies are slow. */
    @ParameterizedTest
    @MethodSource("lengths")
    void neighbours_in_memory_lie_along_the_longer_of_results_and_kernel(String space, String taps, boolean areResultsLonger) {
        Window[] windows = ShapeTables.shape(space).toList().stream().map(_ -> window(1, 0, 0, 1, 1)).toArray(Window[]::new);
        Case c = Case.of(1, 1, space, taps, windows);
        PatchBlock block = new PatchBlock(new Patches(c.sizes(), c.phases().getFirst()), new double[GROUPS * c.space.length()]);
        block.place(0, 1);
        Matrix matrix = block.fill(0, 0, 2);
        assertThat(areResultsLonger ? matrix.columnStride() : matrix.rowStride()).isEqualTo(1);
    }

    static Stream<Arguments> large() {
        return Stream.of(arguments(new Patches.Sizes(1, 1, 64, 3, Shape.of(60, 60), Shape.of(3, 3), Shape.of(58, 58)), "deep and wide"),
                arguments(new Patches.Sizes(1, 1, 4, 200, Shape.of(60, 60), Shape.of(3, 3), Shape.of(58, 58)), "many filters"),
                arguments(new Patches.Sizes(2, 1, 100, 2, Shape.of(7, 7), Shape.of(3, 3), Shape.of(5, 5)), "few results"),
                arguments(new Patches.Sizes(1, 1, 1, 1, Shape.of(110, 110), Shape.of(100, 100), Shape.of(11, 11)), "a large kernel"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("large")
    void the_memory_is_told(Patches.Sizes sizes, String name) {
        Phase[] phases = IntStream.range(0, 2)
                .mapToObj(i -> Phase.of(window(1, 0, 0, 1, 1), sizes.taps().dim(i), sizes.places().dim(i)).getFirst())
                .toArray(Phase[]::new);
        double[] x = new double[sizes.batch() * sizes.channels() * sizes.space().length()];
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            new PatchBlock(new Patches(sizes, phases), x).place(0, 1);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(Patches.bytes(sizes, phases)).as(name).isCloseTo((double) least, within(0.2 * least));
    }
}
