package io.chainrule.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MetricTest {
    private static final Tensor SCORES = Tensor.matrix(new double[]{1, 3, 2}, new double[]{5, 4, 5}, new double[]{0, 0, 1},
            new double[]{9, 8, 7});

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of("classes", Metric.ACCURACY, SCORES, Tensor.vector(1, 0, 2, 2), 0.75),
                Arguments.of("rows with one largest entry", Metric.ACCURACY, SCORES,
                        Tensor.matrix(new double[]{0, 1, 0}, new double[]{0, 0, 1}, new double[]{0, 0, 1}, new double[]{0, 1, 0}), 0.5),
                Arguments.of("yes or no", Metric.ACCURACY, Tensor.vector(0.1, 0.6, 0.5, 0.9), Tensor.vector(0, 1, 1, 0), 0.5),
                Arguments.of("yes or no in a column", Metric.ACCURACY, Tensor.of(Shape.of(2, 1), 0.1, 0.6),
                        Tensor.of(Shape.of(2, 1), 0, 1), 1),
                Arguments.of("yes or no in a column, and the target in none", Metric.ACCURACY, Tensor.of(Shape.of(2, 1), 0.1, 0.6),
                        Tensor.vector(0, 1), 1),
                Arguments.of("one prediction", Metric.ACCURACY, Tensor.scalar(0.7), Tensor.scalar(1), 1),
                Arguments.of("classes at each time", Metric.ACCURACY, Tensor.of(Shape.of(1, 2, 2), 1, 0, 1, 0),
                        Tensor.of(Shape.of(1, 2), 0, 1), 0.5),
                Arguments.of("distance", Metric.MAE, Tensor.vector(1, -2, 4), Tensor.vector(2, 2, 4), 5.0 / 3));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void compares(String what, Metric metric, Tensor prediction, Tensor target, double expected) {
        assertThat(metric.compares(prediction.shape(), target.shape(), Metric.Scores.PROBABILITIES)).as(what).isTrue();
        assertThat(metric.of(prediction, target, Metric.Scores.PROBABILITIES)).isEqualTo(expected);
    }

    @Test
    void aLogitMeansYesAboveZero() {
        Tensor logits = Tensor.vector(0.1, 0.4, -0.1, 2);
        assertThat(Metric.ACCURACY.of(logits, Tensor.vector(1, 1, 0, 1), Metric.Scores.of(true, -1))).isEqualTo(1);
        assertThat(Metric.ACCURACY.of(logits, Tensor.vector(1, 1, 0, 1), Metric.Scores.PROBABILITIES)).isEqualTo(0.5);
    }

    /** Three classes at each of two places of one sample: [1, 3, 2]. */
    @Test
    void classesMayBeAlongAnyAxis() {
        Metric.Scores channels = Metric.Scores.of(false, -2);
        Tensor scores = Tensor.of(Shape.of(1, 3, 2), 1, 7, 5, 8, 2, 9);
        assertThat(Metric.ACCURACY.compares(scores.shape(), Shape.of(1, 2), channels)).isTrue();
        assertThat(Metric.ACCURACY.compares(scores.shape(), Shape.of(1, 3), channels)).isFalse();
        assertThat(Metric.ACCURACY.of(scores, Tensor.of(Shape.of(1, 2), 1, 2), channels)).isEqualTo(1);
        assertThat(Metric.ACCURACY.of(scores, Tensor.of(Shape.of(1, 2), 2, 2), channels)).isEqualTo(0.5);
        assertThat(Metric.ACCURACY.of(scores, Tensor.of(Shape.of(1, 3, 2), 0, 0, 1, 0, 0, 1), channels)).isEqualTo(1);
        assertThat(Metric.ACCURACY.of(scores, Tensor.of(Shape.of(1, 3, 2), 0, 1, 1, 0, 0, 0), channels)).isEqualTo(0.5);
    }

    @Test
    void comparesNoOtherShapes() {
        assertThat(Metric.ACCURACY.compares(Shape.of(4, 3), Shape.of(3), Metric.Scores.PROBABILITIES)).isFalse();
        assertThat(Metric.ACCURACY.compares(Shape.of(4), Shape.of(4, 1), Metric.Scores.PROBABILITIES)).isFalse();
        assertThat(Metric.MAE.compares(Shape.of(4, 1), Shape.of(4), Metric.Scores.PROBABILITIES)).isFalse();
    }
}
