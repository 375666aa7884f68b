package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.explain.Explainer;
import io.chainrule.core.explain.Explanation;
import io.chainrule.core.language.Language;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Optimizer;
import io.chainrule.service.diagnostics.Diagnostics;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Explains gradients. Throws the same exceptions as {@link GradientService}. */
@Service
public final class ExplanationService {
    private final Functions functions;
    private final Admission admission;

    public ExplanationService(Functions functions, Admission admission) {
        this.functions = functions;
        this.admission = admission;
    }

    /**
     * What is to be explained.
     *
     * @param node the node whose paths are shown, {@code entry} the entry whose story is told; null for none
     * @param optimizer the type of the optimizer that makes a step, or null
     */
    public record Wish(Explainer.Level level, Language language, @Nullable String node, @Nullable String entry, @Nullable String optimizer,
            Map<String, Object> optimizerOptions) {}

    /** A gradient and its explanation. */
    public record Explained(Outcome outcome, Explanation explanation) {}

    /**
     * The gradient of the output, with the contributions of which it is the sum. If samples are reduced, contributions are those of each
     * sample; with an entry, which then begins with the number of a sample, that sample alone is explained.
     */
    public Answer<Explained> explain(Query query, @Nullable Tensor cotangent, Wish wish) {
        // Where no name in 'batch' has a value, the program says what is wrong with them.
        boolean hasSamples = query.batch().inputs().stream().anyMatch(query.inputs()::containsKey);
        OneSample sample = wish.entry == null || !hasSamples ? null : OneSample.of(query, wish.entry);
        Optimizer optimizer = wish.optimizer == null ? null : Optimizer.of(wish.optimizer, wish.optimizerOptions);
        Explainer.Options options = new Explainer.Options(wish.level, wish.language, wish.node,
                sample == null ? wish.entry : sample.entry(), String.valueOf(wish.entry), optimizer, String.valueOf(wish.optimizer),
                sample == null ? null : sample.number());
        Map<String, Tensor> seeds = cotangent == null ? Map.of() : Map.of("cotangent", cotangent);
        boolean isOfAll = wish.node != null || wish.entry != null;
        Query one = sample == null ? query : sample.query();
        Query whole = isOfAll ? one.withNodes(new Signature.NodeSelection.All()) : one;
        Query each = whole.withBatch(new Signature.Batch(whole.batch().inputs(), Signature.Reduction.NONE));
        try (Work<CompiledFunction> work = functions.open(each, asked(seeds, query, Transformation.Extra.CONTRIBUTIONS),
                CompiledFunction.class)) {
            CompiledFunction function = work.function();
            BoundProgram bound = work.bound();
            AnswerSize.of(query, work).output(bound).named(function.derivativeShapes())
                    .ledger(bound, function, wish.level == Explainer.Level.FULL)
                    .paths(bound, wish.node == null ? 0 : Explainer.MOST_PATHS).check(function, admission);
            Outcome outcome = function.call(work.inputs(), seeds, work.runner());
            if (whole.batch().reduction() == Signature.Reduction.NONE) {
                return explained(outcome, outcome, options, work, seeds);
            }
            try (Work<CompiledFunction> total = functions.open(whole, asked(seeds, query, Transformation.Extra.NOTHING),
                    CompiledFunction.class)) {
                admission.check(total.function().cost(), 0);
                return explained(outcome, total.function().call(total.inputs(), seeds, total.runner()), options, total, seeds);
            }
        }
    }

    private static Transformation asked(Map<String, Tensor> seeds, Query query, Transformation.Extra extra) {
        return new Transformation.Gradient(Shapes.ofValues(seeds), Transformation.Locals.NONE, query.remarks(), extra);
    }

    /** {@code total} is the outcome over all samples, if they are reduced; {@code work} is of its function. */
    private Answer<Explained> explained(Outcome outcome, Outcome total, Explainer.Options options, Work<CompiledFunction> work,
            Map<String, Tensor> seeds) {
        Explanation explanation = functions.write(work, ExplanationService.class,
                () -> Explainer.explain(outcome, total, options, new Explainer.Means() {
                    @Override
                    public double valueAt(Map<String, Tensor> inputs) {
                        return work.function().call(inputs, seeds, work.runner()).value().item();
                    }

                    @Override
                    public void takes(long bytes) {
                        LimitException.check("bytes", bytes, admission.limits().bytes());
                        work.limits().growth().accept(bytes);
                    }
                }));
        return Answer.of(new Explained(total, explanation), Diagnostics.ofGradient(total), work);
    }
}
