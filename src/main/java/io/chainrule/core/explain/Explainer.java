package io.chainrule.core.explain;

import io.chainrule.core.NodeDescription;
import io.chainrule.core.Outcome;
import io.chainrule.core.Signature;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Explains a gradient whose contributions were computed, {@link io.chainrule.core.Transformation.Extra#CONTRIBUTIONS}. */
public final class Explainer {
    /** The most paths to a node that are shown. */
    public static final int MOST_PATHS = 20;

    private Explainer() {}

    /** How much is said: a sentence a gate, or everything. */
    public enum Level {
        SHORT,
        FULL
    }

    /**
     * What is asked.
     *
     * @param node the node whose paths are shown, or null
     * @param entry the entry whose story is told, or null; {@code written} is how the request names it, with the number of its sample
     * @param optimizer makes a training step, or null
     * @param sample the number of the sample that is explained, of several; null if all are
     */
    public record Options(Level level, Language language, @Nullable String node, @Nullable String entry, String written,
            @Nullable Optimizer optimizer,
            String optimizerName, @Nullable Integer sample) {}

    /** What an explanation needs besides. */
    public interface Means {
        /** The value of the output at other values of the inputs. */
        double valueAt(Map<String, Tensor> inputs);

        /** Told of memory that is taken, before it is. */
        void takes(long bytes);
    }

    /**
     * Explains an outcome.
     *
     * @param total the outcome over all samples, where they are reduced; else the same outcome
     * @throws io.chainrule.core.graph.ProblemException for a node or an entry that there is not
     */
    public static Explanation explain(Outcome outcome, Outcome total, Options options, Means means) {
        Scene scene = new Scene(outcome, total, options.language);
        boolean isFull = options.level == Level.FULL;
        means.takes(scene.bytesOfLocals());
        Notes notes = Notes.of(scene);
        LedgerWriter writer = new LedgerWriter(scene, notes, isFull);
        List<Explanation.Entry> ledger = nodes(scene, options).stream().map(writer::entry).toList();
        Explanation.Paths paths = options.node == null
                ? null
                : new PathWriter(scene, means).of(scene.find(options.node, "node", "write the id of a node"));
        Explanation.EntryStory entry = options.entry == null ? null : new EntryWriter(scene).of(options.entry, options.written);
        List<Explanation.Layer> layers = LayerWriter.of(scene);
        Explanation.Step step = options.optimizer == null
                ? null
                : new StepWriter(scene, options.optimizer, options.optimizerName).of(means);
        String intro = intro(scene, options);
        List<String> text = new ArrayList<>(List.of(intro));
        ledger.forEach(each -> {
            text.add(each.text());
            if (isFull) {
                each.contributions().forEach(term -> text.add("  " + term.text()));
            }
        });
        if (layers != null) {
            layers.forEach(layer -> text.add(layer.text()));
        }
        if (paths != null) {
            text.add(paths.text());
        }
        if (entry != null) {
            text.add(entry.text());
        }
        if (step != null) {
            text.add(step.text());
        }
        return new Explanation(options.language, intro, ledger, String.join("\n", text), paths, entry, layers, step);
    }

    private static String intro(Scene scene, Options options) {
        String intro = scene.text("intro", scene.outputId(), scene.number(scene.total.value()));
        Signature.Batch batch = scene.bound.signature().batch();
        if (options.sample != null) {
            return intro + " " + scene.text("intro.sample", options.sample);
        } else if (batch.inputs().isEmpty()) {
            return intro;
        }
        Signature.Reduction reduction = scene.total.function().bound().signature().batch().reduction();
        return intro + " " + scene.text("intro.samples." + reduction.name().toLowerCase(Locale.ROOT), scene.outputId());
    }

    /** The nodes of the ledger, from the output on. With a node asked for, only those on paths to it. */
    private static List<Integer> nodes(Scene scene, Options options) {
        if (options.node != null) {
            return List.copyOf(PathWriter.upstream(scene, scene.find(options.node, "node", "write the id of a node")).descendingSet());
        }
        TreeSet<Integer> nodes = new TreeSet<>();
        scene.bound.listed().stream().map(NodeDescription::node).forEach(nodes::add);
        scene.bound.wrt().values().stream().filter(node -> node >= 0).forEach(nodes::add);
        return List.copyOf(nodes.descendingSet());
    }
}
