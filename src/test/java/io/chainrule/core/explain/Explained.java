package io.chainrule.core.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Explanations of programs given as text. */
final class Explained {
    private final String text;
    private final Map<String, Tensor> inputs;
    private Signature.GateForm gates = Signature.GateForm.Whole.AS_WRITTEN;
    private Explainer.Level level = Explainer.Level.FULL;
    private Language language = Language.EN;
    private @Nullable String node;
    private @Nullable String entry;

    Explained(String text, Map<String, Tensor> inputs) {
        this.text = text;
        this.inputs = inputs;
    }

    Explained gates(Signature.GateForm form) {
        gates = form;
        return this;
    }

    Explained level(Explainer.Level other) {
        level = other;
        return this;
    }

    Explained in(Language other) {
        language = other;
        return this;
    }

    Explained node(String id) {
        node = id;
        return this;
    }

    Explained entry(String name) {
        entry = name;
        return this;
    }

    Outcome outcome() {
        Transformation asked = new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE, Transformation.Remarks.ALL,
                Transformation.Extra.CONTRIBUTIONS);
        Signature signature = Signature.of(asked, Shapes.ofValues(inputs)).withNodes(new Signature.NodeSelection.All()).withGates(gates);
        BoundProgram bound = Program.parse(text).bind(signature, BuildLimits.GENEROUS);
        return CompiledFunction.of(bound, BuildLimits.GENEROUS).call(inputs);
    }

    Explanation explanation() {
        Outcome outcome = outcome();
        return Explainer.explain(outcome, outcome,
                new Explainer.Options(level, language, node, entry, String.valueOf(entry), null, "", null),
                new Explainer.Means() {
                    @Override
                    public double valueAt(Map<String, Tensor> moved) {
                        return Double.NaN;
                    }

                    @Override
                    public void takes(long bytes) {
                        assertThat(bytes).isNotNegative();
                    }
                });
    }

    Explanation.Entry entryOf(String id) {
        return explanation().ledger().stream().filter(each -> each.node().equals(id)).findFirst().orElseThrow();
    }
}
