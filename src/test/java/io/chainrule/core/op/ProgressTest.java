package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A loop over lines asks now and then whether it may go on. */
class ProgressTest {
    @ParameterizedTest
    @CsvSource({"1, 262144, 0", "1, 262145, 1", "2, 262144, 1", "262144, 1, 0", "262145, 1, 1", "4, 262145, 4", "1000, 1000, 3"})
    void asks_after_each_quarter_of_a_million_elements(int lines, int elements, int asked) {
        int[] count = {0};
        Progress progress = new Progress(() -> count[0]++);
        for (int i = 0; i < lines; i++) {
            progress.add(elements);
        }
        assertThat(count[0]).isEqualTo(asked);
    }
}
