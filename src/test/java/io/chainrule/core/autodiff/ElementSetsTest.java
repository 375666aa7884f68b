package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.BitSet;
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
                full.add(i, x, from);
            }
        }
        int[][] lists = full.lists();
        assertThat(lists[2]).hasSize(1000).isSameAs(lists[0]);
    }
}
