package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.graph.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows that are held are given as they came, in any order, here and in another process. */
class HeldRowsTest {
    private static final int ROWS = 2_000;

    /** Writes down what it is given. */
    private static final class Script implements CellSink {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void begin(long row) {
            lines.add("row " + row);
        }

        @Override
        public void cell(int column, byte[] text, int from, int end) {
            lines.add(column + " '" + new String(text, from, end - from, StandardCharsets.UTF_8) + "'");
        }

        @Override
        public void cell(int column, double value) {
            lines.add(column + " " + Double.doubleToRawLongBits(value));
        }

        @Override
        public void cell(int column, double[] values, int from, int count) {
            lines.add(column + " " + Arrays.toString(Arrays.copyOfRange(values, from, from + count)));
        }

        @Override
        public void other(int column) {
            lines.add(column + " other");
        }

        @Override
        public void missing(int column) {
            lines.add(column + " missing");
        }

        @Override
        public boolean end() {
            lines.add("end");
            return lines.size() < 3 * ROWS;
        }
    }

    private static boolean give(int row, CellSink to) {
        byte[] text = ("before" + "ü".repeat(row % 5) + "after").getBytes(StandardCharsets.UTF_8);
        to.begin(1_000_000_000_000L + row);
        to.cell(0, text, 6, text.length - 5);
        switch (row % 4) {
            case 0 -> to.cell(1, row * -0.0);
            case 1 -> to.cell(1, new double[]{9, row, Double.NaN, 9}, 1, 2);
            case 2 -> to.other(1);
            default -> to.missing(1);
        }
        return to.end();
    }

    private static HeldRows held() {
        HeldRows held = new HeldRows(2);
        for (int row = 0; row < ROWS; row++) {
            assertThat(give(row, held)).isTrue();
        }
        return held;
    }

    @Test
    void rowsAreGivenAsTheyCameInAnyOrder() {
        for (HeldRows held : List.of(held(), HeldRows.of(held().toBytes()))) {
            assertThat(held.rows()).isEqualTo(ROWS);
            Script expected = new Script();
            Script found = new Script();
            for (int row = ROWS - 1; row >= 0; row--) {
                assertThat(held.give(row, found)).isEqualTo(give(row, expected));
            }
            assertThat(found.lines).isEqualTo(expected.lines);
        }
    }

    @Test
    void whatWasHeldIsForgotten() {
        HeldRows held = held();
        held.clear();
        assertThat(held.rows()).isZero();
        give(7, held);
        Script found = new Script();
        held.give(0, found);
        assertThat(found.lines).containsExactly("row 1000000000007", "0 'üü'", "1 missing", "end");
        assertThat(HeldRows.of(new HeldRows(3).toBytes()).rows()).isZero();
    }

    @Test
    void rowsThatAreTooLongToBeHeldAreNamed() {
        HeldRows held = new HeldRows(1);
        held.begin(1);
        held.cell(0, new double[HeldRows.MOST_BYTES / Double.BYTES], 0, HeldRows.MOST_BYTES / Double.BYTES);
        held.begin(2);
        assertThatThrownBy(() -> held.cell(0, 1.0)).isInstanceOf(ProblemException.class).hasMessageStartingWith("row 2: ");
    }

    @Test
    void otherBytesAreNoRows() {
        byte[] bytes = held().toBytes();
        assertThatThrownBy(() -> HeldRows.of(Arrays.copyOf(bytes, 5))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not rows");
        assertThatThrownBy(() -> HeldRows.of(new byte[20])).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not rows");
    }
}
