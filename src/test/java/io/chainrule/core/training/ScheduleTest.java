package io.chainrule.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
    private static final long END = 8;

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of("constant", Map.of(), new double[]{2, 2, 2, 2, 2}),
                Arguments.of("step", Map.of("step_size", 2), new double[]{2, 2, 0.2, 0.2, 0.02}),
                Arguments.of("step", Map.of("step_size", 1, "gamma", 0.5), new double[]{2, 1, 0.5, 0.25, 0.125}),
                Arguments.of("cosine", Map.of("t_max", 4), new double[]{2, 1 + Math.sqrt(0.5), 1, 1 - Math.sqrt(0.5), 0}),
                Arguments.of("cosine", Map.of("t_max", 2, "eta_min", 1), new double[]{2, 1.5, 1, 1, 1}),
                Arguments.of("warmup", Map.of("total_iters", 3, "start_factor", 0.25), new double[]{0.5, 1, 1.5, 2, 2}),
                Arguments.of("warmup", Map.of("unit", "step", "total_iters", 2), new double[]{2.0 / 3, 4.0 / 3, 2, 2, 2}));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tellsTheLearningRateInTime(String type, Map<String, ?> options, double[] rates) {
        Schedule schedule = Schedule.of(type, options);
        for (int t = 0; t < rates.length; t++) {
            assertThat(schedule.curve().at(2, t, END)).as(type + " at " + t).isCloseTo(rates[t], within(1e-15));
        }
        assertThat(schedule.bySteps()).isEqualTo(options.containsKey("unit"));
    }

    @Test
    void aCosineEndsWithTheTrainingUnlessToldWhen() {
        assertThat(Schedule.of("cosine", Map.of()).curve().at(2, END / 2, END)).isCloseTo(1, within(1e-15));
        assertThat(Schedule.of("cosine", Map.of()).curve().at(2, END, END)).isZero();
    }

    @Test
    void refusesWhatIsNoOption() {
        assertThatThrownBy(() -> Schedule.of("step", Map.of("unit", "hour", "eta_min", 1)))
                .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.problems()).extracting(Problem::place)
                        .containsExactly(place("eta_min"), place("step_size"), place("unit")));
        assertThatThrownBy(() -> Schedule.of("linear", Map.of())).isInstanceOf(ProblemException.class);
    }

    private static Place place(String option) {
        return Place.setting("schedule", option);
    }
}
