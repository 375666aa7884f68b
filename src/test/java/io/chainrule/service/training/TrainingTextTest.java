package io.chainrule.service.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.language.Language;
import io.chainrule.core.training.TrainingTrouble;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a training where numbers are at the end of what there is, as a loss of the validation that overflows. */
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
}
