package io.chainrule.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializersTest {
    private static final int IN = 300;
    private static final int OUT = 200;

    private static Tensor draw(String scheme, Map<String, Object> options, Shape shape, long seed, String name) {
        return new Parameter(name, shape, new InitializerSpec(scheme, options), IN, OUT, true).initial(seed);
    }

    private static double[] draw(String scheme, Map<String, Object> options) {
        return draw(scheme, options, Shape.of(IN, OUT), 7, "d.weight").data();
    }

    /** Kurtosis tells a uniform distribution, 1.8, from a normal one, 3. */
    @ParameterizedTest
    @CsvSource({"glorot_uniform, 1, 0.06324555320336758, 1.8", "glorot_normal, 1, 0.06324555320336758, 3",
            "he_uniform, 1, 0.08164965809277261, 1.8", "he_normal, 1, 0.08164965809277261, 3", "lecun_normal, 1, 0.05773502691896258, 3",
            "he_normal, 3, 0.2449489742783178, 3"})
    void numbers_have_the_spread_that_the_fans_ask_for(String scheme, double gain, double stddev, double kurtosis) {
        double[] values = draw(scheme, Map.of("gain", gain));
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance = Arrays.stream(values).map(x -> x * x).average().orElseThrow();
        assertThat(mean).isCloseTo(0, within(5 * stddev / Math.sqrt(values.length)));
        assertThat(Math.sqrt(variance)).isCloseTo(stddev, within(0.01 * stddev));
        assertThat(Arrays.stream(values).map(x -> x * x * x * x).average().orElseThrow() / (variance * variance)).isCloseTo(kurtosis,
                within(0.1));
        if (kurtosis < 2) {
            assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow()).isBetween(0.999 * Math.sqrt(3) * stddev,
                    Math.sqrt(3) * stddev);
        }
    }

    @Test
    void plain_schemes_do_what_their_options_say() {
        assertThat(draw("zeros", Map.of())).containsOnly(0);
        assertThat(draw("ones", Map.of())).containsOnly(1);
        assertThat(draw("constant", Map.of("value", 0.3))).containsOnly(0.3);
        double[] uniform = draw("uniform", Map.of("low", 2.0, "high", 3.0));
        assertThat(Arrays.stream(uniform).min().orElseThrow()).isBetween(2.0, 2.001);
        assertThat(Arrays.stream(uniform).max().orElseThrow()).isBetween(2.999, 3.0);
        double[] normal = draw("normal", Map.of("mean", 5.0, "stddev", 2.0));
        assertThat(Arrays.stream(normal).average().orElseThrow()).isCloseTo(5, within(0.05));
        assertThat(Math.sqrt(Arrays.stream(normal).map(x -> (x - 5) * (x - 5)).average().orElseThrow())).isCloseTo(2, within(0.02));
    }

    @ParameterizedTest
    @CsvSource({"5, 8", "8, 5", "6, 6", "1, 4"})
    void orthogonal_rows_or_columns_are_at_right_angles_and_of_length_gain(int rows, int columns) {
        double[] w = draw("orthogonal", Map.of("gain", 1.5), Shape.of(rows, columns), 3, "d.weight").data();
        boolean byRow = rows <= columns;
        int n = Math.min(rows, columns);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                int a = i;
                int b = j;
                double product = IntStream.range(0, Math.max(rows, columns))
                        .mapToDouble(k -> byRow ? w[a * columns + k] * w[b * columns + k] : w[k * columns + a] * w[k * columns + b]).sum();
                assertThat(product).isCloseTo(i == j ? 2.25 : 0, within(1e-12));
            }
        }
    }

    @Test
    void an_orthogonal_kernel_has_a_filter_a_row() {
        double[] w = draw("orthogonal", Map.of(), Shape.of(2, 1, 2, 2), 3, "c.weight").data();
        assertThat(IntStream.range(0, 4).mapToDouble(i -> w[i] * w[4 + i]).sum()).isCloseTo(0, within(1e-15));
    }

    @Test
    void each_parameter_has_a_stream_of_its_own() {
        Tensor one = draw("normal", Map.of(), Shape.of(4), 1, "a.weight");
        assertThat(draw("normal", Map.of(), Shape.of(4), 1, "a.weight")).isEqualTo(one);
        assertThat(draw("normal", Map.of(), Shape.of(4), 2, "a.weight")).isNotEqualTo(one);
        assertThat(draw("normal", Map.of(), Shape.of(4), 1, "b.weight")).isNotEqualTo(one);
    }

    /**
     * The same on every machine: these bits are part of what is promised. Uniform numbers are those of an implementation of
     * the generator in another language; normal and orthogonal ones agree with one there to the last digits.
     */
    @Test
    void a_seed_gives_these_bits() {
        assertThat(draw("uniform", Map.of("low", 0.0, "high", 1.0), Shape.of(3), 42, "d.weight").data())
                .containsExactly(0.3819628720163295, 0.4945313892620119, 0.003573252260690163);
        assertThat(draw("normal", Map.of("stddev", 1.0), Shape.of(3), 42, "d.weight").data()).containsExactly(-0.9804476958880214,
                0.03370173584523106, 0.03483283383634426);
        assertThat(draw("orthogonal", Map.of(), Shape.of(2, 2), 42, "d.weight").data()).containsExactly(-0.9993694959621495,
                -0.03550507767008561, 0.03550507767008561, -0.9993694959621497);
    }
}
