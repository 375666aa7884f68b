package io.chainrule.service.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Source;
import io.chainrule.core.rows.RowFault;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.rows.RowRun;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.Parallel;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pieces of files that Spark works on, in whatever order, and how it has to be configured. */
class SparkUnitsTest {
    private static final RowFunction FUNCTION = RowFunction.of(new RowProgram(new Source.Text("x"), RowProgram.Derivatives.NONE, null,
            List.of(new RowInput.Scalar("x", "x")), Map.of()), BuildLimits.GENEROUS);

    /** What a piece of five rows comes to, of which one has no cell. */
    private static RowTally tally(int piece, int wrong, RowPolicy.OnCell policy) {
        RowRun run = FUNCTION.start("%010d".formatted(piece), new RowPolicy(policy, RowPolicy.OnResult.FAIL), _ -> {}, Parallel.NONE);
        for (int row = 1; row <= 5; row++) {
            run.begin(row);
            if (row != wrong) {
                run.cell(0, 1.5);
            }
            if (!run.end()) {
                break;
            }
        }
        run.finish();
        return run.tally();
    }

    private static BitSet bits(int... pieces) {
        BitSet bits = new BitSet();
        for (int piece : pieces) {
            bits.set(piece);
        }
        return bits;
    }

    @Test
    void rowsAreNumberedThroughOnceThePiecesBeforeAreKnown() {
        SparkUnits units = new SparkUnits(1000);
        assertThat(units.begin("these", 12)).isTrue();
        RowTally all = new RowTally(RowPolicy.NAMED);
        for (int piece : List.of(11, 0, 2)) {
            all.add(tally(piece, 3, RowPolicy.OnCell.SKIP));
            units.count(piece, 5);
        }
        units.count(1, 100);
        assertThat(units.rows(bits(0, 1, 2, 11))).isEqualTo(115);
        assertThat(units.before()).startsWith(0, 5, 105, 110).endsWith(110).hasSize(units.size());
        assertThat(units.numbered(all).faults()).extracting(RowFault::row).containsExactly(3L, 108L, 113L);
        assertThat(units.numbered(all).faults()).extracting(RowFault::part).containsOnly("");
        assertThat(units.numbered(all).rows()).isEqualTo(15);
    }

    @Test
    void theFirstRowThatEndsTheWorkIsNamed() {
        SparkUnits units = new SparkUnits(1000);
        units.begin("these", 3);
        units.count(0, 7);
        RowTally all = new RowTally(RowPolicy.NAMED);
        all.add(tally(2, 1, RowPolicy.OnCell.FAIL));
        all.add(tally(1, 4, RowPolicy.OnCell.FAIL));
        assertThatThrownBy(units.numbered(all)::throwIfFailed).hasMessageStartingWith("row 11, column 'x'");
    }

    @Test
    void whatIsKnownOfPiecesIsKept() {
        SparkUnits units = new SparkUnits(1000);
        units.begin("these", 2);
        units.count(1, 9);
        SparkUnits read = SparkUnits.of(units.toBytes());
        assertThat(read.pieceBytes()).isEqualTo(1000);
        assertThat(read.rows(bits(0, 1))).isEqualTo(9);
        assertThat(read.begin("these", 2)).isTrue();
        assertThat(read.begin("others", 2)).isFalse();
        assertThat(read.begin("these", 3)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"spark://host:7077 |  | secret | 1g | chainrule.jobs.spark.home",
            "spark://host:7077 | /spark |  | 1g | chainrule.jobs.spark.secret", "local[2] | /spark |  | much | 'much'"})
    void aMasterWithoutWhatItNeedsIsRefused(String master, Path home, String secret, String memory, String told) {
        assertThatThrownBy(() -> new SparkProperties(master, home, null, secret, memory, Map.of()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(told);
    }

    @Test
    void theSecretIsNotTold() {
        assertThat(new SparkProperties("spark://host:7077", Path.of("/spark"), null, "hidden", "1g", Map.of()).toString())
                .doesNotContain("hidden");
        assertThat(new SparkProperties(null, null, null, null, "1g", Map.of()).isOn()).isFalse();
    }
}
