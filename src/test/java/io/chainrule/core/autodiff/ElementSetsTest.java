package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    }

    @Test
    void equalRangesShareOneList() {
        ElementSets x = ElementSets.identity(1000, 0, 1000);
        ElementSets full = new ElementSets(3, 1000);
        for (int i = 0; i < 3; i++) {
            for (int from = 0; from < 1000; from++) {
                full.add(i, x, i == 1 ? from * 7 % 1000 : from);
            }
        }
        int[][] lists = full.lists();
        assertThat(lists[2]).hasSize(1000).isSameAs(lists[0]);
        assertThat(lists[1]).as("it had gaps for a while").isSameAs(lists[0]);
    }
}
