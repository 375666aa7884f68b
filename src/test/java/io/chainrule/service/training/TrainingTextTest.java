package io.chainrule.service.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.language.Language;
import io.chainrule.core.training.TrainingTrouble;
import io.chainrule.service.diagnostics.Diagnostic;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a training, also where numbers are at the end of what there is, as a loss of the validation that overflows. */
class TrainingTextTest {
    private static final Set<String> NUMBERS = Set.of("from", "to", "end", "learning_rate", "stable_rate", "bound", "tried_steps",
            "tried_rate", "tried_from", "tried_loss", "steps", "factor", "times", "gradient_norm", "clip_norm", "scheduled", "loss",
            "within",
            "gradient", "dead", "units", "samples", "before", "best", "validation_loss", "epoch", "value", "epochs");

    static Stream<Arguments> cases() {
        return Stream.of(TrainingTrouble.Kind.values()).flatMap(kind -> Stream
                .of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, Double.MAX_VALUE, Double.MIN_VALUE, -0.0, 1e15)
                .map(number -> Arguments.of(kind, number)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isSaidOfAnyNumbers(TrainingTrouble.Kind kind, double number) {
        Map<String, Double> numbers = NUMBERS.stream().collect(Collectors.toMap(name -> name, _ -> number));
        for (Language language : Language.values()) {
            String message = TrainingText.of(new TrainingTrouble(kind, 12, "layer", numbers)).message(language);
            assertThat(message).isNotBlank().doesNotContain("{", "null");
            if (!Double.isFinite(number)) {
                assertThat(message).contains(String.valueOf(number));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void oneOfTwoNumbersMayBeFinite(TrainingTrouble.Kind kind, double number) {
        Map<String, Double> numbers = NUMBERS.stream()
                .collect(Collectors.toMap(name -> name, name -> Set.of("from", "best", "tried_from").contains(name) ? 0.5 : number));
        assertThat(TrainingText.of(new TrainingTrouble(kind, 12, "layer", numbers)).message(Language.EN)).doesNotContain("{", "null");
    }

    private static Diagnostic told(TrainingTrouble.Kind kind, Object... numbers) {
        Map<String, Double> all = new LinkedHashMap<>();
        for (int i = 0; i < numbers.length; i += 2) {
            all.put((String) numbers[i], ((Number) numbers[i + 1]).doubleValue());
        }
        return TrainingText.of(new TrainingTrouble(kind, 3, "w", all));
    }

    private static Stream<Arguments> divergences() {
        String grows = "from step 3 on the loss grows, from 1 to 1000";
        String tooFar = ": steps with the learning rate 0.5 go too far";
        String curved = ": with the learning rate 0.5 each step goes too far where the loss is most curved, which is mostly along 'w'; there ";
        String usual = "Use a much smaller learning rate, or inputs and targets of a usual size.";
        String below = "Use a learning rate below 0.2, or \"clip_norm\".";
        TrainingTrouble.Kind kind = TrainingTrouble.Kind.DIVERGENCE;
        return Stream.of(Arguments.of(told(kind, "from", 1, "to", 1000, "learning_rate", 0.5), grows + tooFar, usual),
                Arguments.of(told(kind, "from", 1, "to", 1000, "end", 1000, "learning_rate", 0.5), grows + tooFar, usual),
                Arguments.of(told(kind, "from", 1, "to", 1000, "end", 10, "learning_rate", 0.5), grows + ", and ends at 10" + tooFar,
                        usual),
                Arguments.of(told(kind, "from", 1, "to", 1000, "learning_rate", 0.5, "tried_rate", 0.05, "tried_steps", 10), grows + tooFar,
                        "Use a learning rate of 0.05, with which the loss did not grow in the first 10 steps."),
                Arguments.of(told(kind, "from", 1, "to", 1000, "learning_rate", 0.5, "stable_rate", 0.2, "bound", 0.2),
                        grows + curved + "steps stay bounded up to a rate of about 0.2", below),
                Arguments.of(told(kind, "from", 1, "to", 1000, "learning_rate", 0.5, "stable_rate", 0.2, "bound", 0.4), grows + curved
                        + "the bound is 0.4, but from the start the loss grew with it too, and not with 0.2", below));
    }

    private static Stream<Arguments> smallSteps() {
        String first = "in the first 9 steps ";
        String went = first + "the loss went only from 1 to 0.99";
        TrainingTrouble.Kind kind = TrainingTrouble.Kind.SMALL_STEPS;
        return Stream.of(
                Arguments.of(told(kind, "steps", 9, "from", 1, "to", 0.99, "gradient_norm", 50, "clip_norm", 0.1, "factor", 10), went
                        + ", since \"clip_norm\" cuts gradients of norm 50 to 0.1; without it the loss falls much farther",
                        "Use a larger \"clip_norm\", or none."),
                Arguments.of(told(kind, "steps", 9, "from", 1, "to", 0.99, "scheduled", 0.001, "factor", 10), went
                        + ", since the schedule has lowered the learning rate to 0.001; without it the loss falls much farther",
                        "Let the schedule lower the learning rate later, or less."),
                Arguments.of(
                        told(kind, "steps", 9, "from", 1, "to", 0.99, "factor", 10, "times", 8, "tried_steps", 5, "learning_rate", 0.003),
                        went + "; with 10 times the learning rate it fell 8 times as far in as many steps (5 were tried), so the rate is too "
                                + "small",
                        "Use a learning rate of 0.03, or more steps."),
                Arguments.of(told(kind, "steps", 9, "learning_rate", 0),
                        first + "no parameter changed, since the learning rate 0 moves none",
                        "Use a larger learning rate."),
                Arguments.of(told(kind, "steps", 9, "learning_rate", 1e-20),
                        first + "no parameter changed, since the learning rate 1.00e-20 "
                                + "is so small that rounding undoes each step",
                        "Use a larger learning rate."));
    }

    private static Stream<Arguments> plateaus() {
        String stays = "from step 3 on the loss stays at 0.7, within 2.0 %, for 40 steps";
        String flat = ": the gradient is nearly 0 there, as at a minimum or another flat place";
        String start = "If the loss is low enough, fewer steps do; if not, start elsewhere";
        String went = "the loss went from 0.7 to 0.6 in 5 steps";
        TrainingTrouble.Kind kind = TrainingTrouble.Kind.PLATEAU;
        return Stream.of(
                Arguments.of(plateau(kind, 0.001, 0.1), stays + flat, start + " or use a larger model."),
                Arguments.of(plateau(kind, 0.01, 0.1), stays + flat, start + " or use a larger model."),
                Arguments.of(told(kind, "loss", 0.7, "within", 0.02, "steps", 40, "gradient", 0.5),
                        stays + "; the gradient is not 0, but no other learning rate that was tried lowers the loss soon",
                        start + ", or use another optimizer or model."),
                Arguments.of(plateau(kind, 0.5, 0.1), stays + ": steps with the learning rate 0.01 are too small there; with 0.1 " + went,
                        "From there on use a learning rate of 0.1."),
                Arguments.of(plateau(kind, 0.5, 0.001),
                        stays + ": steps with the learning rate 0.01 are too large there; with 0.001 " + went,
                        "Let a schedule lower the learning rate from there on, to 0.001."),
                Arguments
                        .of(plateau(kind, 0.5, 0.1, "scheduled", 0.01),
                                stays + ": steps with the learning rate 0.01, to which the schedule "
                                        + "has lowered it, are too small there; with 0.1 " + went,
                                "From there on use a learning rate of 0.1."));
    }

    private static Diagnostic plateau(TrainingTrouble.Kind kind, double gradient, double tried, Object... more) {
        return told(kind, Stream.concat(Stream.of("loss", 0.7, "within", 0.02, "steps", 40, "gradient", gradient, "learning_rate", 0.01,
                "tried_rate", tried, "tried_from", 0.7, "tried_loss", 0.6, "tried_steps", 5), Stream.of(more)).toArray());
    }

    private static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of(told(TrainingTrouble.Kind.DYING_UNITS, "dead", 4, "units", 6, "samples", 32, "before", 1),
                        "from step 3 on units of 'w' die: 4 of its 6 are 0 for all 32 samples of an epoch, after 1 from the start; the training "
                                + "has pushed them to where they have no gradient",
                        "Lower the learning rate, or use leaky_relu, which keeps a slope where relu has none."),
                Arguments.of(told(TrainingTrouble.Kind.DEAD_UNITS, "dead", 5, "units", 6, "samples", 32),
                        "5 of the 6 units of 'w' are 0 for all 32 samples of an epoch from the first step on: they pass on no gradient to what "
                                + "is before them",
                        "Start from other weights and biases, scale the inputs, or use leaky_relu."),
                Arguments.of(
                        told(TrainingTrouble.Kind.OVER_FITTING, "best", 0.5, "validation_loss", 0.75, "epoch", 2, "from", 0.4, "to", 0.1),
                        "from step 3 on the loss of the validation grows, from 0.5 to 0.75, its least being after epoch 2, while that of the "
                                + "training falls from 0.4 to 0.1: what is learnt holds for the training's samples only",
                        "Stop there by \"early_stopping\", add \"regularization\" or dropout, or use more samples."),
                Arguments.of(told(TrainingTrouble.Kind.STILL_METRIC, "value", 0.25, "epochs", 8, "from", 0.9, "to", 0.2),
                        "'w' is 0.25 in all 8 epochs, though the loss changes from 0.9 to 0.2: the predictions change without changing what the "
                                + "metric counts",
                        "Look at the predictions: they may all be of one class, or the metric's target may be another than the loss's."));
    }

    @ParameterizedTest
    @MethodSource({"divergences", "smallSteps", "plateaus", "others"})
    void isSaidInTwoSentences(Diagnostic told, String cause, String remedy) {
        assertThat(told.message(Language.EN)).isEqualTo(cause);
        assertThat(told.remedy(Language.EN)).isEqualTo(remedy);
        assertThat(told.numbers()).containsEntry("step", 3.0);
        assertThat(told.node()).isEqualTo("w");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-7, -7", "999999, 999999", "1000000, 1.00e+06", "0.5, 0.5", "12.345, 12.3", "99.95, 100", "1234.7, 1235",
            "123456.7, 123457", "0.00012345, 0.000123", "0.0001, 0.0001", "0.00009, 9.00e-05", "-0.25, -0.25", "2345678.9, 2.35e+06"})
    void aNumberHasThreeDigitsAndAllBeforeThePoint(double number, String text) {
        assertThat(told(TrainingTrouble.Kind.SMALL_STEPS, "steps", number, "learning_rate", 0).message(Language.EN))
                .startsWith("in the first " + text + " steps");
    }

    @ParameterizedTest
    @CsvSource({"1, 2, from 1 to 2", "1.5, 1.25, from 1.5 to 1.25", "1.00001, 1.00002, from 1.00001 to 1.00002",
            "0.123456, 0.123556, from 0.1235 to 0.1236", "2, 2, from 2 to 2", "1.0004, 2.0003, from 1 to 2"})
    void twoNumbersHaveAsManyDigitsAsTellThemApart(double from, double to, String text) {
        assertThat(told(TrainingTrouble.Kind.DIVERGENCE, "from", from, "to", to, "learning_rate", 1).message(Language.EN))
                .startsWith("from step 3 on the loss grows, " + text + ":");
    }
}
