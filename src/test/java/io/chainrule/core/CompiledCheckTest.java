package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Derivatives beside differences, as functions to call. */
class CompiledCheckTest {
    private static final Shapes SHAPES = Shapes.of("x", 3, "y");
    private static final Map<String, Tensor> INPUTS = Map.of("x", Tensor.vector(0.5, -1, 2), "y", Tensor.scalar(0.3));

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void derivativesOfEitherOrderPass(int order) {
        CompiledCheck check = Program.parse("f = sum(tanh(x)^2 * exp(y)) + x[0]^3").check(order).compile(SHAPES);
        CheckReport report = check.call(INPUTS);
        assertThat(report.passed()).isTrue();
        assertThat(report.direction()).isNull();
        assertThat(report.checks()).hasSize(order == 1 ? 2 : 4).allMatch(one -> one.maxRelativeError() < 1e-4);
    }

    @Test
    void theToleranceDecides() {
        CompiledCheck check = Program.parse("f = sum(exp(x)) * y").check(1).compile(SHAPES);
        assertThat(check.call(INPUTS, new CheckOptions(0x1p-7, 1e-5, 100)).passed()).isTrue();
        assertThat(check.call(INPUTS, new CheckOptions(0x1p-7, 0, 100)).passed()).isFalse();
    }

    @Test
    void kinksAreToldNotCountedAgainstTheDerivative() {
        for (String text : List.of("relu(x)", "1e7 + relu(x)")) {
            CheckReport report = Program.parse(text).check(1).compile(Shapes.of("x")).call(Map.of("x", Tensor.scalar(0)));
            assertThat(report.passed()).as(text).isTrue();
            assertThat(report.checks().getFirst().notes()).extracting(CheckReport.Note::kind).containsExactly("kink");
        }
    }

    /** As a check of a large function, whose entries are looked at a few at a time. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aCheckGoesOnFromAnyOfItsStates(int order) {
        CompiledCheck check = Program.parse("f = sum(relu(outer(x, x) @ big)^2) + sum(abs(x - 0.25) * y) + sum(x / x)")
                .check(order, "x", "y")
                .compile(Shapes.of("x", 40, "y", "big", 40, 600));
        Map<String, Tensor> inputs = Map.of("x", Tensor.vector(IntStream.range(0, 40).mapToDouble(i -> (i - 8) / 32.0).toArray()), "y",
                Tensor.scalar(0.3), "big", Tensor.of(Shape.of(40, 600), IntStream.range(0, 24_000).mapToDouble(Math::sin).toArray()));
        CheckOptions options = new CheckOptions(0x1p-7, 1e-4, 30);
        CheckReport whole = check.call(inputs, options);
        assertThat(whole.checks()).anyMatch(one -> !one.notes().isEmpty()).anyMatch(one -> one.worst() != null);

        Followed first = new Followed(null);
        assertThat(text(check.call(inputs, options, Runner.DIRECT, BuildLimits.GENEROUS, first))).isEqualTo(text(whole));
        assertThat(first.entries).hasSizeGreaterThan(3).isSorted().last().isEqualTo(31L);
        assertThat(check.entries(options)).isEqualTo(31);
        for (int i = 0; i < first.states.size(); i++) {
            Followed other = new Followed(first.states.get(i));
            assertThat(text(check.call(inputs, options, Runner.DIRECT, BuildLimits.GENEROUS, other))).isEqualTo(text(whole));
            assertThat(other.resumed).isEqualTo(first.entries.get(i));
            assertThat(other.entries).isEqualTo(first.entries.subList(i + 1, first.entries.size()));
        }
    }

    @Test
    void aStateOfAnotherCheckIsRefused() {
        CompiledCheck check = Program.parse("f = sum(exp(x)) * y").check(1).compile(SHAPES);
        Followed first = new Followed(null);
        check.call(INPUTS, CheckOptions.DEFAULT, Runner.DIRECT, BuildLimits.GENEROUS, first);
        CompiledCheck other = Program.parse("f = sum(exp(x)) * y").check(2).compile(SHAPES);
        for (byte[] state : List.of(first.states.getLast(), new byte[0], new byte[100])) {
            assertThatThrownBy(
                    () -> other.call(INPUTS, CheckOptions.DEFAULT, Runner.DIRECT, BuildLimits.GENEROUS, new Followed(state)))
                    .isInstanceOf(UnreadableBytesException.class).hasMessageContaining("not a state of this check");
        }
    }

    private static String text(CheckReport report) {
        return JsonMapper.shared().writeValueAsString(report);
    }

    private static final class Followed implements CheckProgress {
        private final byte @Nullable [] earlier;
        private final List<Long> entries = new ArrayList<>();
        private final List<byte[]> states = new ArrayList<>();
        private long resumed = -1;

        Followed(byte @Nullable [] earlier) {
            this.earlier = earlier;
        }

        @Override
        public byte @Nullable [] earlier() {
            return earlier;
        }

        @Override
        public void resumed(long before) {
            resumed = before;
        }

        @Override
        public void checked(long done, long inAll, Supplier<byte[]> state) {
            entries.add(done);
            states.add(state.get());
        }
    }

    @Test
    void optionsChooseHowManyEntriesAreLookedAt() {
        CheckReport report = Program.parse("f = sum(sin(x)) * y").check(1).compile(SHAPES).call(INPUTS,
                new CheckOptions(0x1p-7, 1e-4, 2));
        assertThat(report.checks().getFirst().checked()).isEqualTo(2);
        assertThat(report.direction()).isNotNull();
        assertThat(report.passed()).isTrue();
    }

    /** They cannot be shifted: the op would refuse what is no whole number. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            sum(take(x, i)^2)                          | x,y
            sum(take(x, i - 1)^2)                      | x,y
            sum(one_hot(i, num_classes=3) @ x)         | x,y
            sum(scatter_add(x, i, [2, 3])^2)           | x,y
            cross_entropy(stack(x, 2 * x), i)          | x,y
            sum(one_hot(i, num_classes=3)) + y         | x,y
            sum(take([1, 2, 3], argsort(x)) * x)       | x,i,y
            sum(x[:2] * round(i)) + sum(i > x[0])      | x,i,y
            """)
    void indicesAreLeftOutUnlessTheyAreAskedFor(String text, String checked) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.vector(0.5, -1.2, 2.3), "y", Tensor.scalar(1), "i", Tensor.vector(2, 1));
        Shapes shapes = Shapes.of("x", 3, "i", 2, "y");
        for (int order : new int[]{1, 2}) {
            CheckReport report = Program.parse(text).check(order).compile(shapes).call(inputs);
            assertThat(report.passed()).isTrue();
            Set<String> names = report.checks().stream().map(CheckReport.InputCheck::wrt).collect(Collectors.toSet());
            assertThat(names).isEqualTo(Set.of(checked.split(",")));
        }
        assertThatThrownBy(() -> Program.parse("sum(take(x, i))").check(1, "i").compile(shapes).call(inputs))
                .isInstanceOf(ProblemException.class).hasMessageContaining("is not a whole number");
    }

    @Test
    void aWrongCallIsToldWhatWasExpected() {
        CompiledCheck check = Program.parse("sum(x) * y").check(1).compile(SHAPES);
        assertThatThrownBy(() -> check.call(Map.of("x", Tensor.vector(1, 2, 3)))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input 'y' of shape []");
        assertThatThrownBy(() -> Program.parse("x").check(3, "x")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order 1 or 2");
    }

    @Test
    void itPrintsItselfAndTellsItsCost() {
        CompiledCheck check = Program.parse("f = sum(x) * y").check(2, "x").compile(SHAPES);
        assertThat(check.toString()).startsWith("f = sum(x) * y\n# x [3], y [] -> f []\n# check by x of order 2: ")
                .endsWith(check.cost().toString());
    }
}
