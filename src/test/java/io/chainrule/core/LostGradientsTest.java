package io.chainrule.core;

import static io.chainrule.core.LostGradient.Why.CANCELS_BETWEEN;
import static io.chainrule.core.LostGradient.Why.CANCELS_BETWEEN_OPERANDS;
import static io.chainrule.core.LostGradient.Why.CANCELS_OVER_BROADCAST;
import static io.chainrule.core.LostGradient.Why.CANCELS_WITHIN;
import static io.chainrule.core.LostGradient.Why.CLOSED;
import static io.chainrule.core.LostGradient.Why.CLOSED_IN_PART;
import static io.chainrule.core.LostGradient.Why.ROUNDS_TO_ZERO;
import static io.chainrule.core.LostGradient.Why.UNKNOWN;
import static io.chainrule.core.LostGradient.Why.UNKNOWN_IN_PART;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Why the gradient by x is zero, and where it became so, as the run that found it tells. */
class LostGradientsTest {

    static Stream<Arguments> programs() {
        Tensor three = Tensor.scalar(3);
        Tensor ones = Tensor.vector(1, 1);
        return Stream.of(Arguments.of("f = relu(-x)", three, CLOSED, "x neg_1 f"),
                Arguments.of("f = x[0] - x[0]", ones, CANCELS_BETWEEN, "x"),
                Arguments.of("f = x - x", three, CANCELS_BETWEEN_OPERANDS, "x f"),
                Arguments.of("y = 2 * x\nf = sin(y) - sin(y)", three, CANCELS_BETWEEN, "x y"),
                Arguments.of("f = sum(x * [1, -1])", three, CANCELS_OVER_BROADCAST, "x mul_1"),
                Arguments.of("f = mean(x * [1, -1]) * 7", three, CANCELS_OVER_BROADCAST, "x mul_1"),
                Arguments.of("f = sum(relu(-x) * [1, 1])", three, CLOSED, "x neg_1 relu_1"),
                Arguments.of("f = sum(relu(x * [1, -1]) * [0, 1])", ones, CLOSED_IN_PART, "x mul_1 relu_1"),
                Arguments.of("f = sum(relu(x * [-1, -1]) * [0, 1])", ones, CLOSED, "x mul_1 relu_1"),
                Arguments.of("f = sum(softmax(x))", ones, CANCELS_WITHIN, "x softmax_1"),
                Arguments.of("f = softmax(1000 * x)[0]", Tensor.vector(1, 2), ROUNDS_TO_ZERO, "x mul_1 softmax_1"),
                Arguments.of("f = softmax(x)[0]", Tensor.vector(1000, 2), ROUNDS_TO_ZERO, "x softmax_1"),
                Arguments.of("f = sum([[1, 2], [-1, -2]] @ x)", ones, CANCELS_WITHIN, "x matmul_1"),
                Arguments.of("f = sum([[1, 0], [-1, 0]] @ x)", ones, CANCELS_WITHIN, "x matmul_1"),
                Arguments.of("p = softmax([[1, 2], [1, 2]] @ x)\nf = -log(p[0])", ones, UNKNOWN, "x matmul_1"),
                Arguments.of("f = sum([[0, 0], [0, 0]] @ x)", ones, CLOSED, "x matmul_1"),
                Arguments.of("f = max([x, 4])", three, CLOSED, "x stack_1 f"),
                Arguments.of("f = max(-[x, 4] * 2) * 5", Tensor.scalar(5), CLOSED, "x stack_1 neg_1 mul_1 max_1"),
                Arguments.of("f = max(exp([x, 4]))", three, UNKNOWN_IN_PART, "x stack_1"),
                Arguments.of("f = [x, 4][1]", three, CLOSED, "x stack_1 f"),
                Arguments.of("s = concatenate([x, x])\nf = sum(s * [1, 1, -1, -1])", ones, CANCELS_BETWEEN_OPERANDS, "x s"),
                Arguments.of("s = [x, 4]\nf = sum(s - s[0] * [1, 0])", three, UNKNOWN_IN_PART, "x s"),
                Arguments.of("f = sum(take(x, [0, 0]) * [1, -1])", ones, CANCELS_WITHIN, "x take_1"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void itIsLostWhereContributionsCancelOrAnOpPassesNothingOn(String program, Tensor x, Why why, String path) {
        CompiledFunction function = Program.parse(program).valueAndGradient("x").compile(Shapes.ofValues(Map.of("x", x)));
        Outcome outcome = function.call(Map.of("x", x));
        assertThat(Arrays.stream(outcome.gradient("x").data())).allMatch(value -> value == 0);
        int node = Objects.requireNonNull(function.bound().wrt().get("x"));
        LostGradient lost = Objects.requireNonNull(outcome.findings().lostGradients(List.of(node)).get(node));
        assertThat(lost.why()).isEqualTo(why);
        assertThat(String.join(" ", lost.path().stream().map(function.bound().program()::id).toList())).isEqualTo(path);
    }
}
