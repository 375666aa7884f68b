package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.explanations;
import static io.chainrule.service.program.TestService.limits;
import static io.chainrule.service.program.TestService.vector;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Signature;
import io.chainrule.core.explain.Explainer;
import io.chainrule.core.explain.Explanation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.ExplanationService.Explained;
import io.chainrule.service.program.ExplanationService.Wish;
import io.chainrule.service.run.Query;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is explained: the whole gradient, one node, one entry, one sample, a step. */
class ExplanationServiceTest {
    private static final Query SAMPLES = wrt(call("p = dot(w, x)\nf = (p - y)^2", "w", vector(1, 2), "x",
            new double[][]{{1, 0}, {2, -1}, {3, 1}}, "y", vector(1, 2, 3)), "w");

    private static Wish wish(@Nullable String node, @Nullable String entry, @Nullable String optimizer) {
        return new Wish(Explainer.Level.FULL, Language.EN, node, entry, optimizer, optimizer == null ? Map.of() : Map.of("lr", 0.01));
    }

    private static Explained explain(Query query, Wish wish) {
        return explanations(limits()).explain(query, null, wish).result();
    }

    private static Explanation.Entry entry(Explained answer, String node) {
        return answer.explanation().ledger().stream().filter(each -> each.node().equals(node)).findFirst().orElseThrow();
    }

    private static List<String> ledger(Explained answer) {
        return answer.explanation().ledger().stream().map(Explanation.Entry::node).toList();
    }

    @Test
    void theContributionsAddUpToTheGradient() {
        Explained answer = explain(call("f = x * x + 3 * x", "x", 5), wish(null, null, null));
        assertThat(at(answer.outcome().gradients(), "x")).isEqualTo(Tensor.scalar(13));
        assertThat(entry(answer, "x").contributions()).extracting(term -> term.values().value().item()).containsExactlyInAnyOrder(5.0,
                5.0, 3.0);
        assertThat(answer.explanation().paths()).isNull();
        assertThat(answer.explanation().entry()).isNull();
        assertThat(answer.explanation().step()).isNull();
    }

    @Test
    void aCotangentIsTheGradientOfTheOutput() {
        Explained answer = explanations(limits()).explain(call("y = 2 * x", "x", vector(1, 2)), Tensor.vector(1, 10),
                wish(null, "x[1]", null)).result();
        assertThat(at(answer.outcome().gradients(), "x")).isEqualTo(Tensor.vector(2, 20));
        assertThat(Objects.requireNonNull(answer.explanation().entry()).gradient()).isEqualTo(20);
    }

    /** A node or an entry is explained with all nodes, whichever are listed. */
    @Test
    void aNodeHasItsPathsAndAnEntryItsStory() {
        Query query = TestService.nodes(call("q = W @ x\nf = sum(q^2)", "W", new double[][]{{1, 2}, {3, 4}}, "x", vector(1, 1)),
                new Signature.NodeSelection.None());
        assertThat(Objects.requireNonNull(explain(query, wish("q", null, null)).explanation().paths()).total()).isEqualTo(36 + 196);
        Explanation.EntryStory story = Objects.requireNonNull(explain(query, wish(null, "W[1,0]", null)).explanation().entry());
        assertThat(story.index()).containsExactly(1, 0);
        assertThat(story.gradient()).isEqualTo(14);
        assertThat(ledger(explain(query, wish(null, null, null)))).doesNotContain("q");
        assertThat(ledger(explain(query, wish("q", null, null)))).contains("q");
        assertThat(ledger(explain(query, wish(null, "W[1,0]", null)))).contains("q");
    }

    /** The gradient of (w·x − y)² by w is 2 (w·x − y) x, here with w·x − y of 0, −2 and 2. */
    @ParameterizedTest
    @CsvSource({"MEAN, 3", "SUM, 1"})
    void ofSamplesThatAreReducedTheContributionsAreThoseOfEach(Signature.Reduction reduction, double divisor) {
        Explained answer = explain(batch(SAMPLES, reduction, "x", "y"), wish(null, null, "sgd"));
        assertThat(at(answer.outcome().gradients(), "w").data()).containsExactly(new double[]{4 / divisor, 8 / divisor}, within(1e-12));
        assertThat(answer.outcome().value().item()).isCloseTo(8 / divisor, within(1e-12));
        assertThat(entry(answer, "w").contributions().getFirst().values().value().data()).containsExactly(0, 0, -8, 4, 12, 4);
        Explanation.Step step = Objects.requireNonNull(answer.explanation().step());
        assertThat(at(step.parameters(), "w").data()).containsExactly(new double[]{1 - 0.04 / divisor, 2 - 0.08 / divisor}, within(1e-12));
        assertThat(step.actual()).isEqualTo(step.after() - step.before());
        assertThat(step.before()).isCloseTo(8 / divisor, within(1e-12));
        assertThat(step.after()).isLessThan(step.before());
    }

    @Test
    void ofSamplesThatAreNotReducedEachHasItsGradient() {
        Explained answer = explain(batch(SAMPLES, Signature.Reduction.NONE, "x", "y"), wish(null, null, null));
        assertThat(at(answer.outcome().gradients(), "w").data()).containsExactly(0, 0, -8, 4, 12, 4);
    }

    @Test
    void anEntryOfASampleExplainsThatSampleAlone() {
        Explained answer = explain(batch(SAMPLES, Signature.Reduction.MEAN, "x", "y"), wish("w", "w[2,1]", null));
        assertThat(answer.outcome().value()).isEqualTo(Tensor.scalar(4));
        assertThat(at(answer.outcome().gradients(), "w")).isEqualTo(Tensor.vector(12, 4));
        assertThat(Objects.requireNonNull(answer.explanation().entry()).index()).containsExactly(1);
        assertThat(answer.explanation().text()).contains("Of the samples, number 2, counted from 0, is explained alone.");
    }

    @Test
    void samplesThatAreNotNamedByTheirInputAreRefused() {
        Query query = batch(call("v = x\ny = sum(v^2)", "x", new double[][]{{1, 2}, {3, 4}}), Signature.Reduction.MEAN, "v");
        assertThat(catchThrowableOfType(ProblemException.class, () -> explain(query, wish(null, "x[0,1]", null))).problems())
                .extracting(Problem::message).containsExactly("'v' is another name of 'x'");
    }

    @Test
    void anEntryWithoutSamplesIsNamedAsItIs() {
        assertThat(
                Objects.requireNonNull(explain(call("f = sum(x^2)", "x", vector(1, 2, 3)), wish(null, "x[2]", null)).explanation().entry())
                        .gradient())
                .isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource({"answer-bytes, 1000", "flops, 10", "bytes, 3000"})
    void isRefusedBeyondALimit(String limit, String most) {
        LimitException refused = catchThrowableOfType(LimitException.class,
                () -> explanations(limits(limit, most)).explain(call("f = sum(exp(x) * x)", "x", new double[20]), null,
                        wish(null, null, null)));
        assertThat(refused.limit()).isEqualTo(limit);
        assertThat(refused.asked()).isGreaterThan(refused.allowed());
    }

    /** They are told of the reduced gradient. */
    @Test
    void diagnosticsAreThoseOfTheGradient() {
        assertThat(explanations(limits()).explain(call("f = relu(x) + 0 * u", "x", 0, "u", 1, "v", 2), null, wish(null, null, null))
                .diagnostics()).extracting(each -> each.kind()).contains("kink", "unused-input");
    }
}
