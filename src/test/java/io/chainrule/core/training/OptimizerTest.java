package io.chainrule.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Five steps of each optimizer upon f(x, y) = (x − 3)² + xy/2 + sin y from (1, −2), against the update of PyTorch's
 * documentation written for one number at a time, and against what PyTorch 1.13 itself gives.
 */
class OptimizerTest {
    private static final int STEPS = 5;

    /** The next value of a number x with gradient g at step t; {@code s} is state, zero at first. */
    interface Documented {
        double next(double x, double g, int t, double[] s);
    }

    private static double[] gradient(double x, double y) {
        return new double[]{2 * (x - 3) + y / 2, x / 2 + Math.cos(y)};
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                of("sgd", Map.of("lr", 0.1), (x, g, t, s) -> x - 0.1 * g, 2.6935639200582786, -2.221366381682587),
                of("sgd", Map.of("lr", 0.1, "momentum", 0.9, "dampening", 0.1, "weight_decay", 0.01), (x, g, t, s) -> {
                    double decayed = g + 0.01 * x;
                    s[0] = t == 1 ? decayed : 0.9 * s[0] + (1 - 0.1) * decayed;
                    return x - 0.1 * s[0];
                }, 4.845169661571254, -2.5945359460561415),
                of("sgd", Map.of("lr", 0.1, "momentum", 0.9, "nesterov", true), (x, g, t, s) -> {
                    s[0] = t == 1 ? g : 0.9 * s[0] + g;
                    return x - 0.1 * (g + 0.9 * s[0]);
                }, 4.652760960112273, -3.1507528455340847),
                of("rmsprop", Map.of(), (x, g, t, s) -> {
                    s[0] = 0.99 * s[0] + 0.01 * g * g;
                    return x - 0.01 * g / (Math.sqrt(s[0]) + 1e-8);
                }, 1.3182414077548443, -2.24910442112035),
                of("rmsprop",
                        Map.of("lr", 0.05, "alpha", 0.9, "eps", 1e-6, "momentum", 0.5, "centered", true, "weight_decay", 0.01),
                        (x, g, t, s) -> {
                            double decayed = g + 0.01 * x;
                            s[0] = 0.9 * s[0] + 0.1 * decayed * decayed;
                            s[1] = 0.9 * s[1] + 0.1 * decayed;
                            s[2] = 0.5 * s[2] + decayed / (Math.sqrt(s[0] - s[1] * s[1]) + 1e-6);
                            return x - 0.05 * s[2];
                        }, 1.966543431551855, -2.7156934525120393),
                of("adam", Map.of(), (x, g, t, s) -> {
                    s[0] = 0.9 * s[0] + 0.1 * g;
                    s[1] = 0.999 * s[1] + 0.001 * g * g;
                    return x - 0.001 * (s[0] / (1 - Math.pow(0.9, t))) / (Math.sqrt(s[1] / (1 - Math.pow(0.999, t))) + 1e-8);
                }, 1.0049998697554594, -2.0049978222135416),
                of("adam", Map.of("lr", 0.5, "betas", List.of(0.5, 0.7), "eps", 1e-6, "weight_decay", 0.01, "amsgrad", true),
                        (x, g, t, s) -> {
                            double decayed = g + 0.01 * x;
                            s[0] = 0.5 * s[0] + 0.5 * decayed;
                            s[1] = 0.7 * s[1] + 0.3 * decayed * decayed;
                            s[2] = Math.max(s[2], s[1]);
                            return x - 0.5 * (s[0] / (1 - Math.pow(0.5, t))) / (Math.sqrt(s[2] / (1 - Math.pow(0.7, t))) + 1e-6);
                        }, 3.194785540681717, -3.6558751484555905),
                of("adamw", Map.of("lr", 0.1), (x, g, t, s) -> {
                    s[0] = 0.9 * s[0] + 0.1 * g;
                    s[1] = 0.999 * s[1] + 0.001 * g * g;
                    return x - 0.1 * 0.01 * x
                            - 0.1 * (s[0] / (1 - Math.pow(0.9, t))) / (Math.sqrt(s[1] / (1 - Math.pow(0.999, t))) + 1e-8);
                }, 1.4924049296904476, -2.398172727495267),
                of("adamw", Map.of("lr", 0.5, "betas", List.of(0.5, 0.7), "weight_decay", 0.1, "amsgrad", true), (x, g, t, s) -> {
                    s[0] = 0.5 * s[0] + 0.5 * g;
                    s[1] = 0.7 * s[1] + 0.3 * g * g;
                    s[2] = Math.max(s[2], s[1]);
                    return x - 0.5 * 0.1 * x
                            - 0.5 * (s[0] / (1 - Math.pow(0.5, t))) / (Math.sqrt(s[2] / (1 - Math.pow(0.7, t))) + 1e-8);
                }, 2.8400126475430185, -3.4721910718147986),
                of("adagrad", Map.of(), (x, g, t, s) -> {
                    s[0] += g * g;
                    return x - 0.01 * g / (Math.sqrt(s[0]) + 1e-10);
                }, 1.0322595814741422, -2.0313852972096025),
                of("adagrad", Map.of("lr", 0.5, "lr_decay", 0.1, "weight_decay", 0.01, "initial_accumulator_value", 0.2, "eps", 1e-6),
                        (x, g, t, s) -> {
                            double decayed = g + 0.01 * x;
                            s[0] += (t == 1 ? 0.2 : 0) + decayed * decayed;
                            return x - 0.5 / (1 + (t - 1) * 0.1) * decayed / (Math.sqrt(s[0]) + 1e-6);
                        }, 2.2641892968282753, -2.690800631613558));
    }

    private static Arguments of(String type, Map<String, ?> options, Documented update, double x, double y) {
        return Arguments.of(type, options, update, new double[]{x, y});
    }

    @ParameterizedTest
    @MethodSource("cases")
    void makesTheDocumentedSteps(String type, Map<String, ?> options, Documented update, double[] pytorch) {
        Optimizer optimizer = Optimizer.of(type, options);
        Optimizer.Update ours = optimizer.update(2);
        double[] at = {1, -2};
        double[] expected = at.clone();
        double[][] states = new double[2][3];
        for (int t = 1; t <= STEPS; t++) {
            ours.apply(at, gradient(at[0], at[1]), 1, optimizer.learningRate(), t);
            double[] g = gradient(expected[0], expected[1]);
            expected[0] = update.next(expected[0], g[0], t, states[0]);
            expected[1] = update.next(expected[1], g[1], t, states[1]);
            assertThat(at).as("step " + t).containsExactly(expected, within(1e-13));
        }
        assertThat(at).containsExactly(pytorch, within(1e-12));
    }

    @Test
    void has_cases_of_every_optimizer() {
        assertThat(cases().map(one -> (String) one.get()[0]).distinct()).as("add the optimizer to the cases")
                .containsExactlyInAnyOrderElementsOf(Optimizer.CATALOGUE.names());
    }

    @Test
    void scalesTheGradientBeforeAnythingElse() {
        Optimizer optimizer = Optimizer.of("sgd", Map.of("lr", 1, "weight_decay", 0.5));
        double[] x = {2};
        optimizer.update(1).apply(x, new double[]{10}, 0.1, 1, 1);
        assertThat(x).containsExactly(2 - (0.1 * 10 + 0.5 * 2));
    }

    @Test
    void refusesWhatIsNoOptionAllAtOnce() {
        assertThatThrownBy(() -> Optimizer.of("adam", Map.of("betas", List.of(0.9, 1), "momentun", 0.9, "eps", -1)))
                .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.problems()).extracting(Problem::place)
                        .containsExactly(place("momentun"), place("betas"), place("eps")));
        assertThatThrownBy(() -> Optimizer.of("sgd", Map.of("nesterov", true)))
                .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.problems().getFirst().place())
                        .isEqualTo(place("nesterov")));
        assertThatThrownBy(() -> Optimizer.of("adamm", Map.of()))
                .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.problems().getFirst().hint()).contains("adam"));
    }

    private static Place place(String option) {
        return Place.setting("optimizer", option);
    }
}
