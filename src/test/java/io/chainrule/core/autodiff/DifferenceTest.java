package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.autodiff.Difference.Kind;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What values on both sides of a point tell of a claimed derivative. */
class DifferenceTest {
    private static final int LEVELS = 12;
    private static final double FIRST_STEP = 0x1p-7;
    private static final double STEP_OF_NOISE = 0x1p-40;

    private static final Map<String, DoubleUnaryOperator> FUNCTIONS = Map.ofEntries(Map.entry("sin", Math::sin),
            Map.entry("line", x -> 3 * x), Map.entry("square", x -> x * x), Map.entry("abs", Math::abs),
            Map.entry("relu", x -> Math.max(x, 0)), Map.entry("steep", x -> x < 0 ? x : 5 * x), Map.entry("sqrt", Math::sqrt),
            Map.entry("mirrored sqrt", x -> Math.sqrt(-x)), Map.entry("cbrt", Math::cbrt), Map.entry("falling cbrt", x -> -Math.cbrt(x)),
            Map.entry("step", x -> x < 0 ? 0 : 1), Map.entry("step down", x -> x <= 0 ? 1 : 0), Map.entry("log", Math::log),
            Map.entry("stairs", x -> Math.rint(x * 1e4) / 1e4), Map.entry("cancelled", x -> 1e16 + x - 1e16),
            Map.entry("sloped stairs", x -> Math.rint(x * 1e4) / 1e4 + 2 * x),
            Map.entry("fractional power", x -> Math.pow(Math.abs(x), 0.8)),
            Map.entry("flat power", x -> Math.pow(Math.abs(x), 1.5)), Map.entry("root", x -> Math.sqrt(Math.abs(x))));

    private static Difference difference(String function, double x, double claimed, double roundoff) {
        return difference(LEVELS, function, x, claimed, roundoff);
    }

    private static Difference difference(int levels, String function, double x, double claimed, double roundoff) {
        return difference(levels, Objects.requireNonNull(FUNCTIONS.get(function), function), x, claimed, roundoff);
    }

    private static Difference difference(int levels, DoubleUnaryOperator f, double x, double claimed, double roundoff) {
        double[] plus = new double[levels + 1];
        double[] minus = new double[levels + 1];
        for (int level = 0; level <= levels; level++) {
            double step = level == levels ? STEP_OF_NOISE : FIRST_STEP * Math.pow(Difference.RATIO, -level);
            plus[level] = f.applyAsDouble(x + step);
            minus[level] = f.applyAsDouble(x - step);
        }
        return Difference.of(claimed, f.applyAsDouble(x), roundoff, FIRST_STEP, plus, minus);
    }

    @ParameterizedTest
    @CsvSource({"sin, 1, 0.5403023058681398", "line, 2, 3", "square, 3, 6", "square, 0, 0", "abs, -2, -1", "relu, 5, 1", "log, 2, 0.5",
            "sqrt, 4, 0.25", "cbrt, 8, 0.08333333333333333"})
    void a_smooth_function_confirms_its_derivative_and_no_other(String function, double x, double slope) {
        for (double claimed : new double[]{slope, slope + 1, -slope - 1}) {
            Difference found = difference(function, x, claimed, Double.NaN);
            assertThat(found.kind()).as("claimed %s", claimed).isEqualTo(Kind.SMOOTH);
            assertThat(found.isExcused()).isFalse();
            assertThat(found.numeric()).isCloseTo(slope, within(1e-10 * Math.max(1, Math.abs(slope))));
            assertThat(found.noise()).isLessThan(1e-8).isGreaterThanOrEqualTo(Math.abs(found.numeric() - slope));
        }
    }

    @ParameterizedTest
    @CsvSource({"abs, 0", "abs, 1", "abs, -1", "abs, 0.3", "relu, 0", "relu, 1", "relu, 0.5", "steep, 1", "steep, 5", "steep, 3",
            "steep, 5.0004", "steep, 0.9996", "fractional power, 0",
            "sqrt, Infinity",
            "sqrt, 7", "mirrored sqrt, 0", "cbrt, Infinity", "falling cbrt, -Infinity"})
    void at_a_kink_what_lies_between_the_two_slopes_is_excused(String function, double claimed) {
        Difference found = difference(function, 0, claimed, Double.NaN);
        assertThat(found.kind()).isEqualTo(Kind.KINK);
        assertThat(found.isExcused()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"abs, 2", "abs, -2", "abs, 1.1", "relu, -0.5", "relu, 1.5", "steep, 0", "steep, 6", "steep, 5.1", "steep, 0.9",
            "steep, 5.0005", "steep, 0.9995"})
    void at_a_kink_what_lies_outside_is_wrong(String function, double claimed) {
        assertThat(difference(function, 0, claimed, Double.NaN).isExcused()).isFalse();
    }

    /** Rounding of the large value hides the slopes over the smallest steps, though not over larger ones. */
    @ParameterizedTest
    @ValueSource(doubles = {1e3, 1e6, 1e7, 3e7})
    void a_kink_beside_a_large_value_is_a_kink(double value) {
        for (double claimed : new double[]{0, 0.3, 1}) {
            assertThat(difference(LEVELS, x -> value + Math.max(x, 0), 0, claimed, Double.NaN).kind()).as("claimed %s", claimed)
                    .isEqualTo(Kind.KINK);
        }
        assertThat(difference(LEVELS, x -> value + Math.max(x, 0), 0, 2, Double.NaN).isExcused()).isFalse();
        assertThat(difference(LEVELS, x -> value + Math.abs(x - 1e-5), 0, 0.3, Double.NaN).isExcused())
                .as("the smallest steps do not reach the kink").isFalse();
        assertThat(difference(LEVELS, x -> value + x * x, 0, 0.001, Double.NaN).isExcused()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"cbrt, -Infinity", "falling cbrt, Infinity", "sin, Infinity", "sin, NaN"})
    void a_derivative_that_is_not_finite_has_nothing_to_be_compared_with(String function, double claimed) {
        Difference found = difference(function, 0, claimed, 0);
        assertThat(found.kind()).isEqualTo(Kind.UNDEFINED);
        assertThat(found.isExcused()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"step, 0", "step, 1", "step down, 0", "step down, -3"})
    void where_the_sides_do_not_come_together_there_is_a_jump(String function, double claimed) {
        Difference found = difference(function, 0, claimed, 0);
        assertThat(found.kind()).isEqualTo(Kind.JUMP);
        assertThat(found.isExcused()).isTrue();
    }

    /** Large steps cross the stairs, the smallest stay on one. */
    @Test
    void the_smallest_steps_decide_where_they_agree_with_the_claim() {
        Difference found = difference("stairs", 0.3, 0, Double.NaN);
        assertThat(found.kind()).isEqualTo(Kind.SMOOTH);
        assertThat(found.numeric()).isZero();
        assertThat(difference("sloped stairs", 0.3, 2, Double.NaN).numeric()).isCloseTo(2, within(1e-8));
    }

    @ParameterizedTest
    @CsvSource({"sin, 1, 0.54, SMOOTH", "abs, 0, 0.3, KINK", "abs, 0, 2, SMOOTH", "steep, 0, 3, KINK", "cbrt, 0, Infinity, KINK",
            "fractional power, 0, 0, KINK", "step, 0, 0, JUMP", "step down, 0, -3, JUMP", "stairs, 0.3, 0, SMOOTH",
            "flat power, 0, 0.5, SMOOTH", "root, 0, 0.3, JUMP", "log, 2, 0.5, SMOOTH"})
    void what_the_values_look_like_does_not_depend_on_their_unit(String function, double x, double claimed, Kind kind) {
        DoubleUnaryOperator f = Objects.requireNonNull(FUNCTIONS.get(function), function);
        for (double unit : new double[]{1e-30, 1e-6, 1, 1e6, 1e30}) {
            assertThat(difference(LEVELS, at -> unit * f.applyAsDouble(at), x, unit * claimed, 0).kind()).as("unit %s", unit)
                    .isEqualTo(kind);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, sin, 1, 0.5403023058681398", "3, sin, 1, 0.5403023058681398", "2, log, 2, 0.5", "3, log, 2, 0.5", "2, sqrt, 4, 0.25",
            "3, cbrt, 8, 0.08333333333333333"})
    void the_noise_covers_what_few_steps_leave(int levels, String function, double x, double slope) {
        Difference found = difference(levels, function, x, slope + 1, 0);
        assertThat(found.noise()).isBetween(Math.abs(found.numeric() - slope), 1e-4);
    }

    /** The fewer the steps, the fewer of them have to show it. */
    @ParameterizedTest
    @CsvSource({"2", "3", "4"})
    void few_steps_show_a_kink_too(int levels) {
        assertThat(difference(levels, "abs", 0, 0.3, 0).kind()).isEqualTo(Kind.KINK);
        assertThat(difference(levels, "root", 0, 0.3, 0).kind()).isEqualTo(Kind.JUMP);
        assertThat(difference(levels, "sqrt", 0, 0, 0).kind()).isEqualTo(Kind.KINK);
        assertThat(difference(levels, "cbrt", 0, Double.POSITIVE_INFINITY, 0).kind()).isEqualTo(Kind.KINK);
        assertThat(difference(levels, "sin", 0, 0.3, 0).kind()).isEqualTo(Kind.SMOOTH);
    }

    /** The smallest of these steps alone is off by 4e-8. */
    @Test
    void few_steps_are_extrapolated_to_a_step_of_zero() {
        Difference found = difference(3, "sin", 1, 0.54, 0);
        assertThat(found.numeric()).isCloseTo(Math.cos(1), within(2e-12));
        assertThat(found.noise()).isBetween(Math.abs(found.numeric() - Math.cos(1)), 1e-7);
    }

    @Test
    void a_power_between_one_and_two_is_smooth_at_zero() {
        assertThat(difference("flat power", 0, 0, 0).kind()).isEqualTo(Kind.SMOOTH);
        assertThat(difference("flat power", 0, 0.5, 0).isExcused()).isFalse();
    }

    @Test
    void what_rounding_hides_is_noise() {
        assertThat(difference("cancelled", 1, 1, Double.NaN).kind()).isEqualTo(Kind.NOISE);
        assertThat(difference("sin", 1, 0.54, Double.NaN).kind()).isEqualTo(Kind.SMOOTH);
        assertThat(difference("sin", 1, 0.54, 1e-4).kind()).as("values that are off by so much hide it").isEqualTo(Kind.NOISE);
        assertThat(difference("sin", 1, 0.54, 0).kind()).as("an ulp at least").isEqualTo(Kind.SMOOTH);
        assertThat(difference("sin", 1, 0.54, 1e-4).noise()).isBetween(1e-3, 1.0);
        assertThat(difference("abs", 0, 0.3, 1).kind()).as("a kink that rounding hides").isEqualTo(Kind.NOISE);
        assertThat(difference("line", 0, 3, 1e-6).noise()).as("what rounding does over the largest steps").isBetween(1e-3, 5e-3);
    }

    /** Of a claim that is off by no more than the noise, nothing can be said. */
    @Test
    void a_claim_is_wrong_only_if_it_is_off_by_more_than_the_noise() {
        Difference found = difference("line", 0, 3, 0x1p-10);
        assertThat(difference("line", 0, found.numeric() + found.noise(), 0x1p-10).kind()).isEqualTo(Kind.NOISE);
        assertThat(difference("line", 0, found.numeric() - found.noise(), 0x1p-10).kind()).isEqualTo(Kind.NOISE);
        assertThat(difference("line", 0, found.numeric() + 1.01 * found.noise(), 0x1p-10).kind()).isEqualTo(Kind.SMOOTH);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "-0.0, 0, 0", "1, 1, 0", "1, 2, 0.5", "2, 1, 0.5", "-1, 1, 2", "0, 5, 1", "Infinity, Infinity, 0",
            "Infinity, 1, Infinity", "1, NaN, Infinity", "NaN, NaN, Infinity", "Infinity, -Infinity, Infinity"})
    void errors_are_relative_to_the_larger_number(double a, double b, double error) {
        assertThat(Difference.relativeError(a, b)).isEqualTo(error);
    }

    @Test
    void of_two_estimates_the_one_is_taken_that_agrees_better() {
        Difference near = new Difference(1.01, 0, Kind.SMOOTH);
        Difference far = new Difference(1.5, 0, Kind.SMOOTH);
        assertThat(near.orBetter(far, 1)).isSameAs(near);
        assertThat(far.orBetter(near, 1)).isSameAs(near);
        Difference above = new Difference(0.1, 0, Kind.SMOOTH);
        Difference below = new Difference(-0.1, 0, Kind.SMOOTH);
        assertThat(above.orBetter(below, 0)).as("the later one if neither is better").isSameAs(below);
        Difference kink = new Difference(1.01, 0, Kind.KINK);
        Difference jump = new Difference(1.5, 0, Kind.JUMP);
        assertThat(kink.orBetter(jump, 1)).isSameAs(kink);
        assertThat(jump.orBetter(kink, 1)).isSameAs(kink);
    }

    @Test
    void of_two_estimates_of_which_one_is_excused_that_one_is_taken_unless_one_agrees_closely() {
        Difference excused = new Difference(1.5, 0, Kind.KINK);
        Difference plain = new Difference(1.01, 0, Kind.SMOOTH);
        assertThat(excused.orBetter(plain, 1)).isSameAs(excused);
        assertThat(plain.orBetter(excused, 1)).isSameAs(excused);
        Difference close = new Difference(1, 0, Kind.SMOOTH);
        assertThat(close.orBetter(excused, 1)).isSameAs(close);
        assertThat(excused.orBetter(close, 1)).isSameAs(close);
    }
}
