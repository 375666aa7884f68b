package io.chainrule.web.v1;

import io.chainrule.core.Outcome;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.explain.Explainer;
import io.chainrule.core.explain.Explanation;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.ExplanationService.Explained;
import io.chainrule.service.program.ExplanationService.Wish;
import io.chainrule.service.training.TrainingCall.Part;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Maps requests for explanations to what the service is asked for, and its answers to responses. */
final class ExplainMapper {
    private final ResponseMapper values;

    ExplainMapper(ResponseMapper values) {
        this.values = values;
    }

    /** Throws {@link RequestException} where fields contradict each other. */
    static Wish wish(ExplainRequest request, Language language) {
        List<ErrorDetail> errors = new ArrayList<>();
        boolean hasBatch = request.batch() != null && !request.batch().isEmpty();
        boolean isReduced = request.reduce() != null && request.reduce() != Reduction.NONE;
        if (hasBatch && request.node() != null && request.entry() == null) {
            errors.add(error("'node' explains one sample; name it by 'entry', as x[2,0] of sample 2, or leave out 'batch'", "node",
                    "an 'entry', or no 'batch'"));
        }
        if (hasBatch && isReduced && (request.entry() != null || request.node() != null)) {
            errors.add(error("'node' and 'entry' explain one sample, and 'reduce' combines all of them; leave one of them out", "reduce",
                    "\"none\""));
        }
        if (hasBatch && request.optimizer() != null && !isReduced) {
            errors.add(error("a step is made with the gradient of all samples; say by 'reduce' how they are combined", "optimizer",
                    "\"reduce\": \"mean\" or \"sum\""));
        }
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
        Part optimizer = request.optimizer() == null ? null : request.optimizer().part();
        return new Wish(Objects.requireNonNullElse(request.level(), Explainer.Level.FULL),
                language, request.node(), request.entry(),
                optimizer == null ? null : optimizer.type(), optimizer == null ? Map.of() : optimizer.options());
    }

    private static ErrorDetail error(String message, String field, String expected) {
        return ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(JsonPointer.of(field)).expected(expected, "a value");
    }

    ExplainResponse response(Answer<Explained> answer) {
        Outcome outcome = answer.result().outcome();
        Explanation explanation = answer.result().explanation();
        return new ExplainResponse(outcome.function().bound().program().outputId(), values.encode(outcome.value()),
                values.encode(outcome.gradients()), explanation.ledger().stream().map(this::entry).toList(), explanation.text(),
                paths(explanation.paths()), story(explanation.entry()), layers(explanation.layers()), step(explanation.step()),
                values.diagnostics(answer), values.drawn(answer));
    }

    private ExplainResponse.LedgerEntry entry(Explanation.Entry entry) {
        return new ExplainResponse.LedgerEntry(entry.node(), values.encode(entry.gradient()),
                entry.contributions().stream().map(this::contribution).toList(), entry.text(), entry.latex(), entry.mathml());
    }

    private ExplainResponse.Contribution contribution(Explanation.Term term) {
        boolean isPart = term.values().parts() > 1;
        Explanation.Form form = term.form();
        Tensor local = term.values().local();
        return new ExplainResponse.Contribution(term.to(), term.values().operand(), isPart ? term.values().part() : null,
                isPart ? term.values().parts() : null, values.encode(term.values().upstream()),
                form == null && local != null ? values.encode(local) : form(Objects.requireNonNull(form)),
                slope(term.slope()), values.encode(term.values().value()), term.text());
    }

    private static ExplainResponse.@Nullable Slope slope(Explanation.@Nullable Slope slope) {
        return slope == null ? null : new ExplainResponse.Slope(slope.text(), slope.letters(), slope.latex(), slope.mathml());
    }

    private static ExplainResponse.Form form(Explanation.Form form) {
        return new ExplainResponse.Form(form.text(), form.shapes(), form.letters(), form.latex(), form.mathml());
    }

    private ExplainResponse.@Nullable Paths paths(Explanation.@Nullable Paths paths) {
        return paths == null
                ? null
                : new ExplainResponse.Paths(paths.node(),
                        paths.paths().stream().map(path -> new ExplainResponse.Path(path.nodes(), number(path.share()))).toList(),
                        number(paths.rest()), number(paths.total()), paths.text());
    }

    private ExplainResponse.@Nullable EntryStory story(Explanation.@Nullable EntryStory story) {
        return story == null
                ? null
                : new ExplainResponse.EntryStory(story.node(), story.index(), number(story.gradient()),
                        story.contributions().stream().map(this::term).toList(), story.text());
    }

    private ExplainResponse.EntryTerm term(Explanation.EntryTerm term) {
        return new ExplainResponse.EntryTerm(term.to(), term.operand(), number(term.contribution()),
                term.products().stream().map(product -> new ExplainResponse.Product(product.of(), number(product.upstream()),
                        number(product.local()), number(product.product()))).toList(),
                term.more(), term.text());
    }

    private static @Nullable List<ExplainResponse.Layer> layers(@Nullable List<Explanation.Layer> layers) {
        return layers == null
                ? null
                : layers.stream().map(layer -> new ExplainResponse.Layer(layer.name(), layer.type(),
                        layer.forms().stream().map(form -> new ExplainResponse.LayerForm(form.node(), form.form().text(),
                                form.form().shapes(), form.form().letters(), form.form().latex(), form.form().mathml())).toList(),
                        layer.text())).toList();
    }

    private ExplainResponse.@Nullable Step step(Explanation.@Nullable Step step) {
        return step == null
                ? null
                : new ExplainResponse.Step(values.encode(step.parameters()), ResponseMapper.map(step.changes(), this::number),
                        number(step.before()), number(step.after()), number(step.predicted()), number(step.actual()), step.text());
    }

    private EncodedTensor number(double value) {
        return values.encode(Tensor.scalar(value));
    }
}
