package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Runs that are repeated with other values, as training does. */
class FunctionRunTest {
    private static FunctionRun run(String text, Shapes shapes, String... wrt) {
        return Program.parse(text).trainingStep(List.of(), wrt).compile(shapes).start(Parallel.NONE);
    }

    @Test
    void eachRunAnswersWhatACallDoes() {
        CompiledFunction step = Program.parse("h = tanh(W @ x); f = sum(h^2)").trainingStep(List.of(), "W").listing("h")
                .compile(Shapes.of("W", 2, 2, "x", 2));
        FunctionRun run = step.start(Parallel.NONE);
        int h = step.bound().listed().getFirst().node();
        run.place("x", Tensor.vector(1, -0.5));
        for (int i = 0; i < 3; i++) {
            Tensor w = Tensor.matrix(new double[]{i, 0.1}, new double[]{-0.2, 0.3});
            run.place("W", w);
            run.run();
            Outcome r = step.call(Map.of("W", w, "x", Tensor.vector(1, -0.5)));
            assertThat(run.loss()).isEqualTo(r.value().item());
            assertThat(run.gradient("W")).isEqualTo(r.gradient("W"));
            assertThat(run.value(h)).isEqualTo(r.value("h"));
        }
    }

    /** The gradient of dot(p, q) by p is q itself. */
    @Test
    void gradientsStayWhenTheInputsThatTheyAreChange() {
        double[] q = {3, 4};
        FunctionRun run = run("dot(p, q)", Shapes.of("p", 2, "q", 2), "p");
        run.place("p", Tensor.vector(1, 2));
        run.place("q", Tensor.vector(q));
        run.run();
        assertThat(run.gradient("p")).isEqualTo(Tensor.vector(3, 4));
        run.run();
        q[0] = 99;
        assertThat(run.gradient("p")).isEqualTo(Tensor.vector(3, 4));
        run.run();
        assertThat(run.gradient("p")).isEqualTo(Tensor.vector(99, 4));
    }

    @Test
    void whatNothingDependsOnHasTheGradientZero() {
        FunctionRun run = run("f = a + floor(sum(b))", Shapes.of("a", "b", 2), "a", "b");
        run.place("a", Tensor.scalar(1));
        run.place("b", Tensor.vector(1, 2));
        run.run();
        assertThat(run.gradient("b")).isEqualTo(Tensor.vector(0, 0));
        assertThatThrownBy(() -> run.gradient("f")).isInstanceOf(NoSuchElementException.class).hasMessageContaining("[a, b]");
    }

    @Test
    void theFirstNodesThatAreNotFiniteAreNamed() {
        CompiledFunction step = Program.parse("l = log(a); r = sqrt(b); f = l + r").trainingStep(List.of(), "a", "b")
                .compile(Shapes.of("a", "b"));
        FunctionRun run = step.start(Parallel.NONE);
        run.place("a", Tensor.scalar(1));
        run.place("b", Tensor.scalar(4));
        run.run();
        assertThat(run.firstNonFiniteValue()).isNegative();
        assertThat(run.firstNonFiniteGradient()).isNegative();
        run.place("a", Tensor.scalar(-1));
        run.run();
        assertThat(step.bound().program().id(run.firstNonFiniteValue())).isEqualTo("l");
        run.place("a", Tensor.scalar(1));
        run.place("b", Tensor.scalar(0));
        run.run();
        assertThat(run.firstNonFiniteValue()).isNegative();
        assertThat(step.bound().program().id(run.firstNonFiniteGradient())).isEqualTo("b");
    }

    @Test
    void wrongValuesAreRefused() {
        FunctionRun run = run("f = sum(x)", Shapes.of("x", 2), "x");
        assertThatThrownBy(() -> run.place("y", Tensor.scalar(1))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no input 'y', it has [x]");
        assertThatThrownBy(() -> run.place("f", Tensor.scalar(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> run.place("x", Tensor.vector(1, 2, 3))).isInstanceOf(ShapeException.class);
        FunctionRun taking = run("f = take(x, k)", Shapes.of("x", 2, "k"), "x");
        taking.place("x", Tensor.vector(1, 2));
        taking.place("k", Tensor.scalar(5));
        assertThatThrownBy(taking::run).isInstanceOf(ProblemException.class);
    }
}
