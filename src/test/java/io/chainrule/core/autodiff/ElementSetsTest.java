package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementSetsTest {

    /** Layers of sets that are unions of some of the layer before, as in a graph. */
    @ParameterizedTest
    @CsvSource({"10, 1", "10, 2", "10, 5", "100, 1", "100, 3", "100, 40", "3000, 1", "3000, 3", "3000, 200"})
    void unitesSetsAsPlainSetsDo(int width, int most) {
        Random random = new Random(width + most);
        ElementSets sets = ElementSets.identity(width, 0, width);
        BitSet[] expected = new BitSet[width];
        for (int i = 0; i < width; i++) {
            expected[i] = new BitSet();
            expected[i].set(i);
        }
        for (int layer = 0; layer < 5; layer++) {
            ElementSets next = new ElementSets(50, width);
            BitSet[] nextExpected = Stream.generate(BitSet::new).limit(50).toArray(BitSet[]::new);
            boolean isNear = random.nextBoolean();
            for (int i = 0; i < 50; i++) {
                for (int k = random.nextInt(most + 1); k > 0; k--) {
                    int from = isNear ? (i + k) % expected.length : random.nextInt(expected.length);
                    next.add(i, sets, from);
                    nextExpected[i].or(expected[from]);
                }
            }
            sets = next;
            expected = nextExpected;
            assertThat(sets.lists()).isDeepEqualTo(Arrays.stream(expected).map(set -> set.stream().toArray()).toArray(int[][]::new));
            assertThat(sets.entries()).isEqualTo(Arrays.stream(expected).mapToLong(BitSet::cardinality).sum());
        }
    }

    /** Sets as lists and as bits, of ranges and of elements drawn at random. */
    @ParameterizedTest
    @CsvSource({"10, 3", "64, 20", "65, 64", "2000, 70", "2048, 30", "3000, 400", "100000, 1000"})
    void aSetHoldsWhatWasAdded(int width, int most) {
        Random random = new Random(width + most);
        List<ElementSet> sets = new ArrayList<>();
        List<BitSet> expected = new ArrayList<>();
        for (int round = 0; round < 60; round++) {
            ElementSet set = new ElementSet(width);
            BitSet plain = new BitSet();
            for (int k = random.nextInt(4); k >= 0; k--) {
                int other = sets.isEmpty() || random.nextInt(3) > 0 ? -1 : random.nextInt(sets.size());
                if (other >= 0) {
                    set.add(sets.get(other));
                    plain.or(expected.get(other));
                } else if (random.nextBoolean()) {
                    int begin = random.nextInt(width);
                    int end = Math.min(width, begin + 1 + random.nextInt(most));
                    set.addRange(begin, end);
                    plain.set(begin, end);
                } else {
                    for (int element : random.ints(random.nextInt(most) + 1, 0, width).distinct().sorted().toArray()) {
                        set.addRange(element, element + 1);
                        plain.set(element);
                    }
                }
                assertThat(set.toArray()).isEqualTo(plain.stream().toArray());
                assertThat(set.size()).isEqualTo(plain.cardinality());
            }
            sets.add(set);
            expected.add(plain);
        }
        for (int i = 0; i < sets.size(); i++) {
            for (int k = 0; k < sets.size(); k++) {
                BitSet missing = (BitSet) expected.get(k).clone();
                missing.andNot(expected.get(i));
                assertThat(sets.get(i).contains(sets.get(k))).as("%d contains %d", i, k).isEqualTo(missing.isEmpty());
            }
            int begin = expected.get(i).nextSetBit(0);
            int end = expected.get(i).nextClearBit(begin);
            assertThat(sets.get(i).containsRange(begin, end)).isTrue();
            assertThat(sets.get(i).containsRange(begin, end + 1)).isFalse();
            assertThat(begin > 0 && sets.get(i).containsRange(begin - 1, end)).isFalse();
            ElementSet copy = sets.get(i).copy();
            copy.addRange(0, width);
            assertThat(copy.size()).isEqualTo(width);
            assertThat(sets.get(i).toArray()).as("the original").isEqualTo(expected.get(i).stream().toArray());
        }
    }

    @Test
    void aSetThatIsSharedIsCopiedBeforeItGrows() {
        ElementSets x = ElementSets.identity(10, 0, 10);
        ElementSets gapped = new ElementSets(1, 10);
        gapped.add(0, x, 2);
        gapped.add(0, x, 5);
        ElementSets grown = new ElementSets(1, 10);
        grown.add(0, gapped, 0);
        grown.add(0, x, 7);
        assertThat(gapped.lists()).isDeepEqualTo(new int[][]{{2, 5}});
        assertThat(grown.lists()).isDeepEqualTo(new int[][]{{2, 5, 7}});
        ElementSets same = new ElementSets(1, 10);
        same.add(0, gapped, 0);
        gapped.add(0, x, 9);
        assertThat(gapped.lists()).isDeepEqualTo(new int[][]{{2, 5, 9}});
        assertThat(same.lists()).as("what was added does not grow with where it came from").isDeepEqualTo(new int[][]{{2, 5}});
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300})
    void equalRangesShareOneList(int begin) {
        ElementSets x = ElementSets.identity(1000, 0, 1000);
        int length = 1000 - begin;
        ElementSets full = new ElementSets(3, 1000);
        for (int i = 0; i < 3; i++) {
            for (int from = 0; from < length; from++) {
                full.add(i, x, begin + (i == 1 ? from * 11 % length : from));
            }
        }
        int[][] lists = full.lists();
        assertThat(lists[2]).hasSize(length).isSameAs(lists[0]);
        assertThat(lists[1]).as("it had gaps for a while").isSameAs(lists[0]);
    }

    /** Of a matrix as wide as an answer may be, each row has a set. */
    @Nested
    class Memory {
        private static final int WIDTH = 100_000;
        private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final ElementSets x = ElementSets.identity(WIDTH, 0, WIDTH);

        private static long allocated(Runnable work) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                work.run();
                least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            return least;
        }

        private ElementSets row(IntStream elements) {
            ElementSets row = new ElementSets(1, WIDTH);
            elements.forEach(element -> row.add(0, x, element));
            return row;
        }

        /** A bit for each of the width would take 12,500 bytes. */
        @Test
        void aFewElementsTakeAFewBytesWhereverTheyStand() {
            assertThat(allocated(() -> row(IntStream.of(1, 3, 99_998)))).isLessThan(2_000);
            ElementSets even = row(IntStream.of(1, 3, 99_998));
            ElementSets odd = row(IntStream.of(2, 50_000, 99_999));
            assertThat(allocated(() -> {
                ElementSets both = new ElementSets(1, WIDTH);
                both.add(0, even, 0);
                both.add(0, odd, 0);
            })).isLessThan(2_000);
        }

        @Test
        void manyElementsTakeABitEach() {
            ElementSets left = row(IntStream.range(0, 40_000));
            ElementSets right = row(IntStream.range(50_000, 90_000));
            assertThat(allocated(() -> {
                ElementSets both = new ElementSets(1, WIDTH);
                both.add(0, left, 0);
                both.add(0, right, 0);
            })).isLessThan(50_000);
            assertThat(allocated(() -> row(IntStream.range(0, 3_000).map(i -> 2 * i)))).as("a list that grows").isLessThan(500_000);
            List<ElementSets> parts = IntStream.range(0, 20)
                    .mapToObj(part -> row(IntStream.range(0, 3_000).map(i -> 2 * (20 * i + part) % WIDTH)))
                    .toList();
            assertThat(allocated(() -> {
                ElementSets all = new ElementSets(1, WIDTH);
                parts.forEach(part -> all.add(0, part, 0));
            })).isLessThan(50_000);
        }

        /** As the rows of matrix products and of cumulative sums do. */
        @Test
        void aRangeThatGrowsTakesNone() {
            assertThat(allocated(() -> {
                ElementSets row = new ElementSets(4, WIDTH);
                for (int i = 1; i < 1000; i++) {
                    row.add(0, x, i);
                    row.add(1, x, 1000 - i);
                    row.add(2, row, 0);
                    row.add(3, row, 1);
                }
            })).isLessThan(1_000);
        }

        @Test
        void whatARangeHasAlreadyTakesNone() {
            ElementSets full = row(IntStream.range(0, WIDTH));
            ElementSets atTheEnds = row(IntStream.of(0, 500, WIDTH - 1));
            ElementSets inside = row(IntStream.of(20, 70));
            assertThat(allocated(() -> {
                full.add(0, atTheEnds, 0);
                full.add(0, inside, 0);
                full.add(0, full, 0);
            })).isLessThan(500);
        }

        /** As the full rows of a product with a matrix with gaps are. */
        @Test
        void rowsThatShareASetKeepItTogetherUntilTheyGrow() {
            ElementSets gapped = row(IntStream.range(0, WIDTH / 2).map(i -> 2 * i));
            ElementSets part = row(IntStream.of(0, 50, 99_998));
            assertThat(allocated(() -> {
                ElementSets rows = new ElementSets(100, WIDTH);
                for (int i = 0; i < 100; i++) {
                    rows.add(i, gapped, 0);
                    rows.add(i, x, 2 * i);
                    rows.add(i, part, 0);
                }
            })).isLessThan(10_000);
        }
    }
}
