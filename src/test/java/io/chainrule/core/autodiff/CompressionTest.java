package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.autodiff.Compression.Mode;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which entries of a Jacobian there are, and in how few passes they are computed. */
class CompressionTest {
    private static final EntryLimits ENOUGH = EntryLimits.whole(100_000);

    /** Outputs and inputs by their order in the text and in the alphabet. */
    private record Program(Graph graph, List<Integer> of, List<Integer> wrt) {
        static Program of(String text, String shapes) {
            GraphFunction function = GraphFunction.of(text, new TreeMap<>(Derivatives.shapes(shapes)));
            return new Program(function.graph(), List.of(function.outputs()[0]), IntStream.of(function.inputs()).boxed().toList());
        }

        /** Every list that is written is an output. */
        static Program ofLists(String text, String shapes) {
            GraphFunction function = GraphFunction.of(text, new TreeMap<>(Derivatives.shapes(shapes)));
            List<Integer> lists = IntStream.range(0, function.graph().size()).filter(i -> function.graph().op(i).name().equals("stack"))
                    .boxed().toList();
            return new Program(function.graph(), lists, IntStream.of(function.inputs()).boxed().toList());
        }

        Compression compressed(@Nullable Mode mode, EntryLimits limits) {
            return Compression.of(graph, of, wrt, mode, limits, Checkpoint.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x^2                                  | x:3     | 0/1/2           | REVERSE | 1
            sum(x^2)                             | x:3     | 012             | REVERSE | 1
            x * [1, 2, 3]                        | x:      | 0/0/0           | FORWARD | 1
            outer(x, x)                          | x:2     | 0/01/01/1       | FORWARD | 2
            W @ x                                | W:2,2 x:2 | 0145/2345     | REVERSE | 2
            x[1:] - x[:-1]                       | x:4     | 01/12/23        | REVERSE | 2
            [x[0], x[0], x[1]]                   | x:3     | 0/0/1           | FORWARD | 1
            [x[0] * x[1], y, 1]                  | x:2 y:  | 01/2/           | REVERSE | 1
            cumsum(x)                            | x:3     | 0/01/012        | REVERSE | 3
            concatenate(x, y * [1, 1, 1])        | x:2 y:  | 0/1/2/2/2       | FORWARD | 1
            sum(x) + 0 * floor(y)                | x:2 y:2 | 01/01           | REVERSE | 2
            floor(x)                             | x:2     | /               | REVERSE | 0
            [x[0] * x[1], x[1] * x[2], x[0] * x[2]] | x:3 | 01/12/02 | REVERSE | 3
            [x[0] * x[1], x[1] * x[2], x[0] * x[2], x[0]] | x:3 | 01/12/02/0 | REVERSE | 3
            [x[0] * x[1], x[1] * x[2], x[0] * x[2], x[0], x[0]] | x:3 | 01/12/02/0/0 | FORWARD | 3
            softmax(x)                           | x:2     | 01/01           | REVERSE | 2
            """)
    void the_entries_and_the_passes(String text, String shapes, String rows, Mode mode, int passes) {
        Compression compression = Program.of(text, shapes).compressed(null, ENOUGH);
        assertThat(Arrays.stream(compression.rows()).map(row -> IntStream.of(row).mapToObj(String::valueOf).collect(Collectors.joining()))
                .collect(Collectors.joining("/"))).isEqualTo(rows);
        assertThat(compression.mode()).isEqualTo(mode);
        assertThat(compression.passes()).isEqualTo(passes);
        assertThat(compression.isChosen()).isTrue();
        assertThat(compression.isMirrored()).isFalse();
        assertThat(compression.entries()).isEqualTo(rows.replace("/", "").length());
        assertThat(compression.width()).isEqualTo(Derivatives.shapes(shapes).values().stream().mapToInt(shape -> shape.length()).sum());
    }

    /** Rows that read columns at random, of inputs x and y, in lists p and q. */
    private static Program random(long seed, List<BitSet> expected) {
        Random random = new Random(seed);
        int x = 1 + random.nextInt(5);
        int y = 1 + random.nextInt(5);
        double density = random.nextDouble();
        StringBuilder text = new StringBuilder();
        for (String name : new String[]{"p", "q"}) {
            List<String> rows = new ArrayList<>();
            int count = 1 + random.nextInt(6);
            for (int row = 0; row < count; row++) {
                BitSet columns = new BitSet();
                IntStream.range(0, x + y).filter(_ -> random.nextDouble() < density).forEach(columns::set);
                expected.add(columns);
                rows.add(columns.isEmpty()
                        ? "1"
                        : columns.stream().mapToObj(column -> (column < x ? "x[" + column : "y[" + (column - x)) + "]^2")
                                .collect(Collectors.joining(" + ")));
            }
            text.append(name).append(" = stack(").append(String.join(", ", rows)).append(")\n");
        }
        return Program.ofLists(text + "sum(p) + sum(q) + sum(x) + sum(y)", "x:" + x + " y:" + y);
    }

    @Test
    void every_entry_is_in_one_pass_alone_and_the_mode_with_fewer_passes_is_chosen() {
        boolean[] met = new boolean[2];
        for (long seed = 0; seed < 25; seed++) {
            List<BitSet> expected = new ArrayList<>();
            Program program = random(seed, expected);
            Compression forward = program.compressed(Mode.FORWARD, ENOUGH);
            Compression reverse = program.compressed(Mode.REVERSE, ENOUGH);
            int[][] rows = expected.stream().map(set -> set.stream().toArray()).toArray(int[][]::new);
            assertThat(forward.rows()).as("seed %d", seed).isDeepEqualTo(rows);
            assertThat(reverse.rows()).isDeepEqualTo(rows);
            int[][] columns = IntStream.range(0, forward.width())
                    .mapToObj(column -> IntStream.range(0, rows.length).filter(row -> expected.get(row).get(column)).toArray())
                    .toArray(int[][]::new);
            check(forward, columns);
            check(reverse, rows);
            Compression chosen = program.compressed(null, ENOUGH);
            assertThat(chosen.passes()).as("seed %d", seed).isEqualTo(Math.min(forward.passes(), reverse.passes()));
            assertThat(chosen.mode()).isEqualTo(reverse.passes() <= forward.passes() ? Mode.REVERSE : Mode.FORWARD);
            assertThat(forward.leastInOtherMode()).isEqualTo(longest(columns)).isLessThanOrEqualTo(reverse.passes());
            assertThat(reverse.leastInOtherMode()).isEqualTo(longest(rows)).isLessThanOrEqualTo(forward.passes());
            assertThat(forward.inOtherMode().mode()).isEqualTo(Mode.REVERSE);
            assertThat(forward.inOtherMode().groups().toArray(int[][]::new)).isDeepEqualTo(reverse.groups().toArray(int[][]::new));
            assertThat(forward.inOtherMode().isChosen()).isFalse();
            assertThat(chosen.inOtherMode().isChosen()).isTrue();
            met[chosen.mode() == Mode.FORWARD ? 0 : 1] = true;
        }
        assertThat(met).containsOnly(true);
    }

    private static long longest(int[][] lists) {
        return Arrays.stream(lists).mapToInt(list -> list.length).max().orElse(0);
    }

    private static void check(Compression compression, int[][] partners) {
        assertThat(compression.isChosen()).isFalse();
        assertThat(compression.partners()).isDeepEqualTo(partners);
        assertThat(compression.groups().stream().flatMapToInt(IntStream::of).sorted().toArray())
                .containsExactly(IntStream.range(0, partners.length).filter(i -> partners[i].length > 0).toArray());
        for (int[] group : compression.groups()) {
            assertThat(IntStream.of(group).flatMap(member -> IntStream.of(partners[member])).boxed().toList()).isNotEmpty()
                    .doesNotHaveDuplicates();
        }
    }

    /** Few blocks are searched one by one, many together. */
    @Test
    void many_blocks_are_found_as_few_are() {
        String lists = IntStream.range(0, 5).mapToObj(i -> "p" + i + " = stack(x" + i + "[0]^2, x" + (i + 1) % 5 + "[1] * x" + i + "[1])\n")
                .collect(Collectors.joining());
        Program program = Program.ofLists(lists + "sum(p0 + p1 + p2 + p3 + p4)", "x0:2 x1:2 x2:2 x3:2 x4:2");
        assertThat(program.of).hasSize(5);
        int[][] together = program.compressed(Mode.REVERSE, ENOUGH).rows();
        assertThat(together).isDeepEqualTo(program.of.stream()
                .flatMap(list -> Stream.of(new Program(program.graph, List.of(list), program.wrt).compressed(Mode.REVERSE, ENOUGH).rows()))
                .toArray(int[][]::new)).isDeepEqualTo(new int[][]{{0}, {1, 3}, {2}, {3, 5}, {4}, {5, 7}, {6}, {7, 9}, {8}, {1, 9}});
        assertThat(program.compressed(Mode.REVERSE, EntryLimits.whole(15)).entries()).isEqualTo(15);
        AtomicInteger asked = new AtomicInteger();
        Compression.of(program.graph, program.of, program.wrt, Mode.REVERSE, ENOUGH, asked::incrementAndGet);
        assertThat(asked.get()).as("each node is visited once").isBetween(20, program.graph.size());
        LimitException refused = catchThrowableOfType(LimitException.class, () -> program.compressed(null, new EntryLimits(14, 100, 100)));
        assertThat(refused.asked()).isEqualTo(15);
        assertThat(refused.isCounted()).isTrue();
    }

    @Test
    void of_many_blocks_only_that_is_full_whose_search_would_hold_too_much() {
        String lists = IntStream.range(0, 4).mapToObj(i -> "p" + i + " = stack(" + (i == 0 ? "sum(x0[1:] * x0[:-1])" : "x" + i + "[0]^2")
                + ", x" + i + "[1])\n").collect(Collectors.joining());
        Program program = Program.ofLists(lists + "sum(p0 + p1 + p2 + p3)", "x0:4 x1:4 x2:4 x3:4");
        assertThat(program.of).hasSize(4);
        assertThat(program.compressed(null, ENOUGH).rows())
                .isDeepEqualTo(new int[][]{{0, 1, 2, 3}, {1}, {4}, {5}, {8}, {9}, {12}, {13}});
        assertThat(program.compressed(null, new EntryLimits(1000, 5, 1000)).rows()).as("a product has six entries")
                .isDeepEqualTo(new int[][]{{0, 1, 2, 3}, {0, 1, 2, 3}, {4}, {5}, {8}, {9}, {12}, {13}});
    }

    @Test
    void a_jacobian_of_more_entries_than_may_be_answered_is_refused() {
        Program diagonal = Program.of("x^2 + y", "x:10 y:");
        assertThat(diagonal.compressed(null, EntryLimits.whole(20)).entries()).isEqualTo(20);
        LimitException counted = catchThrowableOfType(LimitException.class, () -> diagonal.compressed(null, EntryLimits.whole(19)));
        assertThat(Map.of(counted.limit(), counted.asked())).isEqualTo(Map.of("jacobian-entries", 20L));
        assertThat(counted.isCounted()).as("all blocks were searched").isTrue();
        LimitException early = catchThrowableOfType(LimitException.class, () -> diagonal.compressed(null, EntryLimits.whole(9)));
        assertThat(early.isCounted()).as("the second block was not searched").isFalse();
        assertThat(early.asked()).isEqualTo(10);
        Program two = Program.ofLists("p = stack(x[0], x[1])\nq = stack(x[0], x[1])\nsum(p + q)", "x:2");
        assertThat(two.compressed(null, EntryLimits.whole(4)).entries()).isEqualTo(4);
        assertThat(catchThrowableOfType(LimitException.class, () -> two.compressed(null, EntryLimits.whole(3))).isCounted()).isTrue();
        assertThat(catchThrowableOfType(LimitException.class, () -> two.compressed(null, EntryLimits.whole(1))).isCounted()).isFalse();
    }

    /** The limit for what is streamed is larger, that for the search is not. */
    @Test
    void a_stream_may_have_more_entries() {
        Program diagonal = Program.of("x^2", "x:16");
        assertThat(diagonal.compressed(null, EntryLimits.streamed(5)).entries()).isEqualTo(16);
        assertThat(catchThrowableOfType(LimitException.class, () -> diagonal.compressed(null, EntryLimits.whole(5)))).isNotNull();
        assertThat(catchThrowableOfType(LimitException.class, () -> Program.of("x^2", "x:400").compressed(null, EntryLimits.streamed(5))))
                .isNotNull();
    }

    @Test
    void a_block_whose_search_would_hold_too_much_is_taken_to_be_full() {
        Program program = Program.of("(x[1:] * x[:-1])[:2] + y", "x:4 y:2");
        assertThat(program.compressed(null, ENOUGH).rows()).isDeepEqualTo(new int[][]{{0, 1, 4}, {1, 2, 5}});
        Compression full = program.compressed(null, new EntryLimits(1000, 5, 1000));
        assertThat(full.rows()).as("a node between has six entries").isDeepEqualTo(new int[][]{{0, 1, 2, 3, 4}, {0, 1, 2, 3, 5}});
        assertThat(program.compressed(null, new EntryLimits(1000, 6, 1000)).entries()).isEqualTo(6);
        assertThat(catchThrowableOfType(LimitException.class, () -> program.compressed(null, new EntryLimits(9, 5, 1000))).asked())
                .isEqualTo(10);
        assertThat(program.compressed(null, new EntryLimits(1000, 1000, 7)).rows()).isDeepEqualTo(full.rows());
        Program inverse = Program.of("inv(reshape(x[:4], shape=[2, 2]))[0]", "x:5");
        assertThat(inverse.compressed(null, new EntryLimits(1000, 16, 1000)).entries()).isEqualTo(8);
        assertThat(inverse.compressed(null, new EntryLimits(1000, 15, 1000)).entries()).as("an inverse has 16 entries").isEqualTo(10);
    }

    @Test
    void a_result_may_have_more_entries_than_a_node_between() {
        assertThat(Program.of("cumsum(x)", "x:3").compressed(null, new EntryLimits(1000, 5, 1000)).rows())
                .isDeepEqualTo(new int[][]{{0}, {0, 1}, {0, 1, 2}});
    }

    /** Sets are let go when the last node that reads them has its own. */
    @Test
    void a_long_chain_holds_no_more_than_a_short_one() {
        String chain = "sin(".repeat(50) + "x" + ")".repeat(50);
        assertThat(Program.of(chain, "x:10").compressed(null, new EntryLimits(1000, 10, 20)).entries()).isEqualTo(10);
        assertThat(Program.of(chain, "x:10").compressed(null, new EntryLimits(1000, 10, 19)).entries()).isEqualTo(100);
        String reused = "h = sin(x)\n" + "h = h * cos(h)\n".repeat(20) + "h";
        assertThat(Program.of(reused, "x:10").compressed(null, new EntryLimits(1000, 10, 30)).entries()).isEqualTo(10);
    }

    @Test
    void nodes_in_between_and_a_node_twice_are_columns_too() {
        GraphFunction function = GraphFunction.of(x -> GraphFunction.call("mul", GraphFunction.call("sin", x[0]), x[0]), Shape.of(2));
        int x = function.inputs()[0];
        int result = function.outputs()[0];
        int sine = function.graph().operand(result, 0);
        assertThat(new Program(function.graph(), List.of(result), List.of(x, sine)).compressed(null, ENOUGH).rows())
                .isDeepEqualTo(new int[][]{{0, 2}, {1, 3}});
        assertThat(Sparsity.of(function.graph(), List.of(result, sine), List.of(sine, x, x), ENOUGH, Checkpoint.NONE))
                .extracting(ElementSets::lists).usingElementComparator((a, b) -> Arrays.deepEquals(a, b) ? 0 : 1)
                .containsExactly(new int[][]{{0, 2, 4}, {1, 3, 5}}, new int[][]{{0, 2, 4}, {1, 3, 5}});
    }

    /** Whoever waits for an answer may give up while a structure is sought. */
    @Test
    void a_search_asks_now_and_then_whether_it_is_to_go_on() {
        AtomicInteger asked = new AtomicInteger();
        Program sum = Program.of("y * sum(sin(x))", "x:2 y:");
        Compression.of(sum.graph, sum.of, sum.wrt.subList(0, 1), Mode.REVERSE, ENOUGH, asked::incrementAndGet);
        assertThat(asked.get()).as("once for x, its sine, their sum and the product").isEqualTo(4);
        asked.set(0);
        Program product = Program.of("x * y", "x:300,300 y:300");
        Compression.of(product.graph, product.of, product.wrt.subList(0, 1), Mode.REVERSE, ENOUGH, asked::incrementAndGet);
        assertThat(asked.get()).as("once for x and the product, and while 90000 pairs are visited").isEqualTo(3);
        asked.set(0);
        int[][] full = IntStream.range(0, 60).mapToObj(_ -> IntStream.range(0, 60).toArray()).toArray(int[][]::new);
        StarColoring.of(full, asked::incrementAndGet);
        assertThat(asked.get()).as("once for each row, and while 60³ triples are visited").isBetween(62, 80);
        asked.set(0);
        StarColoring.of(IntStream.range(0, 40_000).mapToObj(i -> new int[]{i & ~1, i | 1}).toArray(int[][]::new), asked::incrementAndGet);
        assertThat(asked.get()).as("two steps for each of 40000 rows, no two of which have more than a neighbour").isEqualTo(1);
    }

    /** How often the checkpoint is asked while the structure of a program is searched. */
    private static int asked(Program program) {
        AtomicInteger asked = new AtomicInteger();
        Compression.of(program.graph, program.of, program.wrt, Mode.REVERSE, ENOUGH, asked::incrementAndGet);
        return asked.get();
    }

    @Test
    void a_long_line_is_read_with_pauses() {
        assertThat(asked(Program.of("sum(x)", "x:70000"))).as("once for x and its sum, and while 70000 elements are added").isEqualTo(3);
    }

    @Test
    void only_nodes_between_are_searched() {
        assertThat(asked(Program.ofLists("p = stack(x[0], x[1])\nsum(p) + sum(sin(x))", "x:2"))).as("x, its elements, and the list of them")
                .isEqualTo(4);
    }

    /** A node whose sets are too large is not searched to its end. */
    @Test
    void a_search_that_holds_too_much_ends_at_once() {
        AtomicInteger asked = new AtomicInteger();
        Program product = Program.of("x * y", "x:300,300 y:300");
        Program between = new Program(product.graph, product.of, product.wrt.subList(1, 2));
        Compression full = Compression.of(product.graph, between.of, between.wrt, Mode.FORWARD, new EntryLimits(30_000_000, 1000, 1000),
                asked::incrementAndGet);
        assertThat(full.entries()).isEqualTo(27_000_000);
        assertThat(asked.get()).as("for y and the product, but not for its 90000 pairs").isEqualTo(2);
    }

    @Test
    void the_estimate_of_memory_counts_a_shared_row_once() {
        assertThat(Program.of("sum(x) + 0 * y", "x:100 y:100").compressed(Mode.REVERSE, ENOUGH).bytes()).isBetween(1_000L, 60_000L);
        assertThat(Program.of("sum(x) * ones(shape=[100])", "x:100").compressed(Mode.REVERSE, ENOUGH).bytes()).isBetween(3_000L, 10_000L);
        assertThat(Program.of("x^2", "x:1000").compressed(Mode.REVERSE, ENOUGH).bytes()).isBetween(30_000L, 60_000L);
        // 100 rows of 50 entries on average, 100 groups of one; then the lists of these.
        assertThat(Program.of("cumsum(x)", "x:100").compressed(Mode.REVERSE, ENOUGH).bytes()).isBetween(25_500L, 27_500L);
    }

    @Test
    void equal_rows_side_by_side_share_an_array() {
        int[][] rows = Program.of("sum(x) * [1, 1, 1] + sum(y)", "x:2 y:3").compressed(null, ENOUGH).rows();
        assertThat(rows[2]).containsExactly(0, 1, 2, 3, 4).isSameAs(rows[0]);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # gradient whose derivatives are symmetric    | shape | passes | mirrored
            2 * x                                         | x:8   | 1      | false
            concatenate([sum(x)], x[1:] + x[0])           | x:8   | 2      | true
            concatenate(x[:-1], [0]) + concatenate([0], x[1:]) | x:8 | 1   | false
            sum(x) + x                                    | x:8   | 8      | false
            concatenate([sum(x)], x[1:] + x[0])           | x:3   | 3      | false
            concatenate([sum(x)], x[1:] + x[0])           | x:4   | 2      | true
            """)
    void a_symmetric_matrix_takes_a_star_coloring_if_that_saves_passes(String text, String shape, int passes, boolean isMirrored) {
        Program program = Program.of(text, shape);
        Compression found = Compression.ofSymmetric(program.graph, program.of, program.wrt, ENOUGH, Checkpoint.NONE);
        assertThat(found.passes()).isEqualTo(passes);
        assertThat(found.isMirrored()).isEqualTo(isMirrored);
        if (isMirrored) {
            assertThat(found.leastInOtherMode()).isEqualTo(passes);
            assertThat(found.inOtherMode()).isEqualTo(new Compression(found.mode() == Mode.FORWARD ? Mode.REVERSE : Mode.FORWARD,
                    found.rows(), found.width(), found.partners(), found.groups(), true, true));
        }
    }

    @Test
    void a_matrix_that_is_not_square_has_no_star_coloring() {
        for (String text : List.of("cumsum(x)[:7]", "cumsum(x)[1:]")) {
            Program program = Program.of(text, "x:8");
            assertThat(Compression.ofSymmetric(program.graph, program.of, program.wrt, ENOUGH, Checkpoint.NONE).isMirrored()).isFalse();
        }
    }

    @Test
    void the_columns_of_a_full_matrix_share_an_array() {
        int[][] columns = Coloring.transposed(new int[][]{{0, 1, 2}, {0, 1, 2}}, 3);
        assertThat(columns[2]).containsExactly(0, 1).isSameAs(columns[0]);
        assertThat(Coloring.transposed(new int[][]{{0, 1, 2}, {0, 2}}, 3)).isDeepEqualTo(new int[][]{{0, 1}, {0}, {0, 1}});
    }

    /** A row over half of the columns leaves little to save. */
    @ParameterizedTest
    @CsvSource({"64, 40, 40", "65, 33, 65", "65, 32, 32", "100, 50, 100", "100, 49, 49"})
    void a_wide_matrix_is_colored_unless_a_row_has_half_of_the_columns(int columns, int longest, int groups) {
        int[][] rows = IntStream.range(0, columns).mapToObj(i -> i == 0 ? IntStream.range(0, longest).toArray() : new int[]{i})
                .toArray(int[][]::new);
        Coloring coloring = Coloring.ofColumns(rows, Coloring.transposed(rows, columns));
        assertThat(coloring.count()).isEqualTo(groups);
        assertThat(coloring.groups()).hasSize(groups);
        assertThat(coloring.groups().stream().flatMapToInt(IntStream::of).sorted().toArray())
                .containsExactly(IntStream.range(0, columns).toArray());
        assertThat(coloring.groups().stream().allMatch(group -> group.length == 1)).isEqualTo(groups == columns);
    }
}
