package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.rows.CellText.Kind;
import io.chainrule.core.tensor.Shape;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cells that are text: what is a number, what is missing, what is neither; and that numbers are the nearest doubles. */
class CellTextTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private final CellText cells = new CellText();

    private Kind read(String text) {
        byte[] bytes = ("7" + text + "7").getBytes(StandardCharsets.UTF_8);
        return cells.number(bytes, 1, bytes.length - 1);
    }

    /** What {@link Double#parseDouble} makes of it, bit for bit. */
    private void assertNearest(String text) {
        assertThat(read(text)).as(text).isEqualTo(Kind.NUMBER);
        assertThat(Double.doubleToRawLongBits(cells.value())).as(text).isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)));
    }

    /** Ways to write numbers down. */
    enum Writing {
        SHORTEST(r -> Double.toString(finite(r))),
        SEVENTEEN_DIGITS(r -> String.format(Locale.ROOT, "%.16e", finite(r))),
        FIXED(r -> String.format(Locale.ROOT, "%.6f", r.nextGaussian() * 1000)),
        WHOLE(r -> Long.toString(r.nextLong() >> r.nextInt(64))),
        SHORT(r -> (r.nextInt(2_000_000) - 1_000_000) / 1000.0 + ""),
        ANY_POWER(r -> (r.nextLong() >>> r.nextInt(64)) + "e" + (r.nextInt(640) - 330)),
        MANY_DIGITS(r -> new BigDecimal(finite(r)).round(new MathContext(20 + r.nextInt(30))).toString()),
        /** The mean of a double and the next one, exactly, and with one digit that tells it from the mean. */
        HALFWAY(r -> halfway(r).toString()),
        NEAR_HALFWAY(r -> halfway(r) + "1"),
        SUBNORMAL(r -> r.nextInt(1000) * Double.MIN_VALUE * (1L << r.nextInt(50)) + ""),
        LEADING_ZEROS(r -> "-000" + r.nextInt(1000) + "." + "0".repeat(r.nextInt(30)) + r.nextInt(100_000));

        private final Function<Random, String> write;

        Writing(Function<Random, String> write) {
            this.write = write;
        }

        private static double finite(Random random) {
            double value = Double.longBitsToDouble(random.nextLong());
            return Double.isFinite(value) ? value : 1;
        }

        private static BigDecimal halfway(Random random) {
            double value = (double) (random.nextLong() >>> 11) * Math.scalb(1.0, random.nextInt(130) - 90);
            return new BigDecimal(value).add(new BigDecimal(Math.nextUp(value))).divide(BigDecimal.TWO);
        }
    }

    @ParameterizedTest
    @EnumSource
    void numbers_are_the_nearest_doubles(Writing writing) {
        Random random = new Random(21);
        for (int i = 0; i < 10_000; i++) {
            String text = writing.write.apply(random);
            if (Double.isFinite(Double.parseDouble(text))) {
                assertNearest(text);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "+0", "-0.0", "1", "+1", "1.", ".5", "-.5", "1e5", "1E5", "1e+5", "1e-5", "00012", "1e-999",
            "-1e-99999999999",
            "0e99999999999", "0.000e-7", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072014e-308",
            "2.2250738585072011e-308", "1.7976931348623157e308", "1.797693134862315807e308", "9007199254740993",
            "9007199254740992.99999999999999999999",
            "9007199254740993.00000000000000000001", "123456789012345678", "1234567890123456789", "12345678901234567890123", "1e22", "1e23",
            "-1e-22", "1e-23",
            "0.1", "0.30000000000000004", "100000000000000000000000000000000000000000000000000", "8.41e+21", "9.5e-318"})
    void decimal_numbers_are_read(String text) {
        assertNearest(text);
        assertThat(read(" \t" + text + "\r\n ")).isEqualTo(Kind.NUMBER);
    }

    @ParameterizedTest
    @CsvSource({"NaN,NaN", "nan,NaN", "-nan,NaN", "Infinity,Infinity", "inf,Infinity", "+INF,Infinity", "-Infinity,-Infinity",
            "-inf,-Infinity",
            "true,1", "True,1", "FALSE,0"})
    void words_are_read_in_any_case(String text, double expected) {
        assertThat(read(text)).isEqualTo(Kind.NUMBER);
        assertThat(cells.value()).isEqualTo(Double.valueOf(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "NA", "na", "N/A", "null", "NULL", "\t"})
    void missing_cells_are_told_from_malformed_ones(String text) {
        assertThat(read(text)).isEqualTo(Kind.MISSING);
        assertThat(cells.value()).isNaN();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "1d", "1f", "1.5D", "0x10", "0x1p3", "1_000", "1,000", "1 000", "--1", "+-1", "1e", "1e+", "e5", ".",
            "-", "+.", "1.2.3",
            "1e5.0", "1e999", "-1e309", "1.7976931348623159e308", "123456789012345678901234567890e300", "½", "１", "infinit",
            "none of these", "nanx", "t", "0b1", "1e5x"})
    void anything_else_is_malformed(String text) {
        assertThat(read(text)).isEqualTo(Kind.MALFORMED);
        assertThat(cells.value()).isNaN();
    }

    static Stream<ArrayCell> arrays() {
        return Stream.of(
                new ArrayCell("[1,2,3]", Kind.NUMBER, Shape.of(3), 1, 2, 3),
                new ArrayCell(" [ 1e0 , -2.5,\t.5 ] ", Kind.NUMBER, Shape.of(3), 1, -2.5, 0.5),
                new ArrayCell("[[1,2],[3,4]]", Kind.NUMBER, Shape.of(2, 2), 1, 2, 3, 4),
                new ArrayCell("[1,2,3,4]", Kind.NUMBER, Shape.of(2, 2), 1, 2, 3, 4),
                new ArrayCell("[[[1],[2]]]", Kind.NUMBER, Shape.of(1, 2, 1), 1, 2),
                new ArrayCell("[]", Kind.NUMBER, Shape.of(0)),
                new ArrayCell("[[],[]]", Kind.NUMBER, Shape.of(2, 0)),
                new ArrayCell("[\"NaN\", NaN, \"-Infinity\", inf]", Kind.NUMBER, Shape.of(4), Double.NaN, Double.NaN, -INF, INF),
                new ArrayCell("[true, false]", Kind.NUMBER, Shape.of(2), 1, 0),
                new ArrayCell("[1, null, 3]", Kind.MISSING, Shape.of(3), 1, Double.NaN, 3),
                new ArrayCell("", Kind.MISSING, Shape.of(2), Double.NaN, Double.NaN),
                new ArrayCell(" null ", Kind.MISSING, Shape.of(2), Double.NaN, Double.NaN),
                malformed("[1,2]", 3), malformed("[1,2,3,4]", 3), malformed("[1,2,3", 3), malformed("[1,,3]", 3), malformed("[1 2 3]", 3),
                malformed("1,2,3", 3), malformed("[1,2,3]]", 3), malformed("[1,2,3]x", 3), malformed("[1,2,a]", 3),
                malformed("[\"1\",2,3]", 3),
                malformed("[1,2,[3]]", 3), malformed("[1,2,1e999]", 3), malformed("[\"null\"]", 1), malformed("[\"NaN]", 1),
                malformed("5", 1), malformed("[null", 1),
                new ArrayCell("[[1,2,3],[4]]", Kind.MALFORMED, Shape.of(2, 2), Double.NaN, Double.NaN, Double.NaN, Double.NaN));
    }

    record ArrayCell(String text, Kind kind, Shape shape, double... values) {}

    private static ArrayCell malformed(String text, int length) {
        double[] nan = new double[length];
        java.util.Arrays.fill(nan, Double.NaN);
        return new ArrayCell(text, Kind.MALFORMED, Shape.of(length), nan);
    }

    @Test
    void arrays_are_nested_as_their_shape_or_flat() {
        arrays().forEach(one -> {
            double[] target = new double[one.values.length + 2];
            byte[] bytes = one.text.getBytes(StandardCharsets.UTF_8);
            assertThat(cells.array(bytes, 0, bytes.length, one.shape, target, 1)).as(one.text).isEqualTo(one.kind);
            double[] expected = new double[target.length];
            System.arraycopy(one.values, 0, expected, 1, one.values.length);
            assertThat(target).as(one.text).containsExactly(expected);
        });
    }
}
