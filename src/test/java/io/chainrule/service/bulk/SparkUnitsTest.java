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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The pieces of files that Spark works on, in whatever order, how it has to be configured, and how its process is started. */
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

    /** What looks like Spark and Chainrule's part for it. */
    private static Path spark(Path home) throws IOException {
        Files.createFile(Files.createDirectories(home.resolve("jars")).resolve("spark-core_2.13-4.2.0.jar"));
        Files.createFile(home.resolve("chainrule-spark.jar"));
        return home;
    }

    private static SparkProperties properties(String master, Path home, @Nullable Path jar, Map<String, String> properties) {
        return new SparkProperties(master, home, jar, "hidden", "1g", properties);
    }

    @Test
    void aHomeWithoutWhatBelongsThereIsRefused(@TempDir Path home) throws IOException {
        for (Path without : List.of(home, home.resolve("nothing"), Files.createFile(home.resolve("file")))) {
            assertThatThrownBy(() -> properties("local[2]", without, null, Map.of())).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("chainrule.jobs.spark.home").hasMessageEndingWith("spark-core_*.jar in " + without);
        }
        spark(home);
        assertThat(properties("local[2]", home, null, Map.of()).jars()).isEqualTo(home.resolve("jars"));
        Path jar = home.resolve("part.jar");
        assertThatThrownBy(() -> properties("local[2]", home, jar, Map.of())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("chainrule.jobs.spark.jar").hasMessageEndingWith("no file " + jar);
        assertThat(properties("local[2]", home.resolve("jars"), Files.createFile(jar), Map.of()).jars()).isEqualTo(home.resolve("jars"));
    }

    /** Nor does Spark answer other processes of this machine, which do not know the secret. */
    @Test
    void threadsOfOneProcessOpenNoPortToOtherMachines(@TempDir Path folder) throws IOException {
        Path home = spark(folder);
        assertThat(SparkDriver.session(properties("local[2]", home, null, Map.of()))).containsEntry("spark.authenticate", "true")
                .containsEntry("spark.driver.host", "127.0.0.1").containsEntry("spark.driver.bindAddress", "127.0.0.1");
        assertThat(SparkDriver.session(properties("local[2]", home, null, Map.of("spark.driver.bindAddress", "0.0.0.0"))))
                .containsEntry("spark.driver.bindAddress", "0.0.0.0");
        assertThat(SparkDriver.session(properties("spark://host:7077", home, null, Map.of())))
                .containsEntry("spark.authenticate", "true").doesNotContainKeys("spark.driver.host", "spark.driver.bindAddress");
    }

    /** A process in place of the driver, which tells an answer among other lines. */
    @Test
    void linesThatAreNoAnswersDoNotEndTheWork(@TempDir Path folder) throws IOException {
        Path home = spark(folder);
        Path source = Files.writeString(folder.resolve("Driver.java"), """
                package io.chainrule.spark;

                public class Driver {
                    public static void main(String[] arguments) throws java.io.IOException {
                        System.out.println("a library says something\\n\\n{\\"ended\\": true}");
                        System.in.transferTo(java.io.OutputStream.nullOutputStream());
                    }
                }
                """);
        String classes = folder.resolve("classes").toString();
        assertThat(javax.tools.ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes, source.toString())).isZero();
        Path jar = folder.resolve("part.jar");
        assertThat(ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err, "--create", "--file", jar.toString(), "-C",
                classes, ".")).isZero();
        try (SparkDriver driver = new SparkDriver(properties("local[2]", home, jar, Map.of()))) {
            JsonNode answer = driver.receive(TimeUnit.SECONDS.toMillis(60), "points");
            assertThat(Objects.requireNonNull(answer).path("ended").asBoolean()).isTrue();
        }
    }

    @Test
    void theSecretIsNotTold(@TempDir Path home) throws IOException {
        assertThat(properties("spark://host:7077", spark(home), null, Map.of()).toString()).doesNotContain("hidden");
        assertThat(new SparkProperties(null, null, null, null, "1g", Map.of()).isOn()).isFalse();
    }
}
