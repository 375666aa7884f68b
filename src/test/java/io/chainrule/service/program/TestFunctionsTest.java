package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.matrices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Powell's singular and Wood's function (Moré, Garbow and Hillstrom 1981, numbers 13 and 14) against derivatives worked out by hand. */
class TestFunctionsTest {
    private static final String POWELL = "r = [x[0] + 10 * x[1], sqrt(5) * (x[2] - x[3]), (x[1] - 2 * x[2])^2, sqrt(10) * (x[0] - x[3])^2]\nf = sum(r^2)";
    private static final String WOOD = """
            f = 100 * (x[1] - x[0]^2)^2 + (1 - x[0])^2 + 90 * (x[3] - x[2]^2)^2 + (1 - x[2])^2 \
            + 10 * (x[1] + x[3] - 2)^2 + (x[1] - x[3])^2 / 10""";

    static Stream<Arguments> functions() {
        return Stream.of(new double[]{3, -1, 0, 1}, new double[]{-3, -1, -3, -1}, new double[]{0.5, 0.25, -2, 7})
                .flatMap(x -> Stream.of(Arguments.of(POWELL, x, powell(x)), Arguments.of(WOOD, x, wood(x))));
    }

    /** Value, gradient and the Hessian's rows. */
    record Expected(double value, double[] gradient, double[] hessian) {}

    private static Expected powell(double[] x) {
        double a = x[0] + 10 * x[1];
        double b = x[2] - x[3];
        double c = x[1] - 2 * x[2];
        double d = x[0] - x[3];
        double cc = 12 * c * c;
        double dd = 120 * d * d;
        return new Expected(a * a + 5 * b * b + Math.pow(c, 4) + 10 * Math.pow(d, 4),
                new double[]{2 * a + 40 * d * d * d, 20 * a + 4 * c * c * c, 10 * b - 8 * c * c * c, -10 * b - 40 * d * d * d},
                new double[]{2 + dd, 20, 0, -dd, 20, 200 + cc, -2 * cc, 0, 0, -2 * cc, 10 + 4 * cc, -10, -dd, 0, -10, 10 + dd});
    }

    private static Expected wood(double[] x) {
        double a = x[1] - x[0] * x[0];
        double b = x[3] - x[2] * x[2];
        double c = x[1] + x[3] - 2;
        double d = x[1] - x[3];
        return new Expected(
                100 * a * a + (1 - x[0]) * (1 - x[0]) + 90 * b * b + (1 - x[2]) * (1 - x[2]) + 10 * c * c + d * d / 10,
                new double[]{-400 * x[0] * a - 2 * (1 - x[0]), 200 * a + 20 * c + d / 5, -360 * x[2] * b - 2 * (1 - x[2]),
                        180 * b + 20 * c - d / 5},
                new double[]{1200 * x[0] * x[0] - 400 * x[1] + 2, -400 * x[0], 0, 0, -400 * x[0], 220.2, 0, 19.8, 0, 0,
                        1080 * x[2] * x[2] - 360 * x[3] + 2, -360 * x[2], 0, 19.8, -360 * x[2], 200.2});
    }

    @ParameterizedTest
    @MethodSource("functions")
    void valueGradientAndHessianAreTheClosedForms(String program, double[] x, Expected expected) {
        CompiledJacobian.Result answer = matrices().hessian(call(program, "x", x), MatrixFormat.DENSE).result();
        assertClose(Objects.requireNonNull(answer.value()).data(), expected.value());
        assertClose(at(answer.values(), "x").data(), expected.gradient());
        Tensor hessian = answer.block("x", "x").dense();
        assertThat(hessian.shape()).isEqualTo(Shape.of(4, 4));
        assertClose(hessian.data(), expected.hessian());
    }

    /** To 1e-12 of the largest. */
    private static void assertClose(double[] actual, double... expected) {
        double scale = 1;
        for (double value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        assertThat(actual).containsExactly(expected, within(1e-12 * scale));
    }
}
