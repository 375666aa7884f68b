package io.chainrule.core.grade;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a line should say: the local rule in terms of names that the line can read, such as {@code dfdq * z}. */
final class ExpectedLine {
    private static final int MOST_NODES = 200;
    private static final int LONGEST = 200;

    private final Sheet sheet;
    private final BackwardPass pass;
    private final BuildLimits limits;
    private final Runner runner;
    /** What the line can read, by node of the sheet. */
    private final Map<Integer, String> names = new LinkedHashMap<>();
    private final Set<Integer> helpers = new HashSet<>();

    ExpectedLine(Sheet sheet, BackwardPass pass, BuildLimits limits, Runner runner, Claim claim) {
        this.sheet = sheet;
        this.pass = pass;
        this.limits = limits;
        this.runner = runner;
        pass.program().inputs().forEach(input -> names.put(sheet.image(input), pass.program().id(input)));
        pass.lines().stream().filter(line -> line.isLast() || line.name().equals(claim.line().name()))
                .filter(line -> line.node() < claim.node())
                .filter(line -> sheet.isForward(sheet.image(line.node()))
                        || pass.claims().stream().anyMatch(other -> other.line().equals(line)))
                .forEach(line -> names.put(sheet.image(line.node()), line.name()));
        pass.helpers().stream().filter(line -> line.isLast() && line.node() < claim.node())
                .filter(line -> names.putIfAbsent(sheet.image(line.node()), line.name()) == null)
                .forEach(line -> helpers.add(sheet.image(line.node())));
    }

    /**
     * The text; null where there is none on one line that has the right values at all points.
     *
     * @param mended the user's line with one place changed that makes it right; null where that is not known
     */
    @Nullable
    String of(Claim claim, @Nullable Node mended, List<Map<Integer, Tensor>> points) {
        Map<Integer, Node> upstream = new HashMap<>();
        pass.claims().stream().filter(other -> other.node() < claim.node() && !other.isLocal() && !claim.isLocal())
                .filter(other -> names.containsKey(sheet.image(other.node())))
                .forEach(other -> upstream.put(other.by(), sheet.node(sheet.image(other.node()))));
        Sheet.LocalRule rule = sheet.localRule(claim, upstream, false);
        if (rule == null) {
            return null;
        }
        Writing writing = new Writing(sheet, names);
        List<Form> forms = new ArrayList<>(forms(writing.extracted(rule.value(), rule.originals()), true));
        if (mended != null) {
            forms.addAll(forms(writing.extracted(mended, Map.of()), false));
        }
        new ShortForms(sheet, rule.value(), names.keySet(), helpers, points, runner).of(claim, rule.value(), upstream)
                .forEach(found -> forms.addAll(forms(writing.extracted(found, Map.of()), false)));
        Map<Integer, Tensor> atZero = atZero(claim, points);
        List<Form> sorted = forms.stream().sorted(Comparator.<Form>comparingLong(form -> Handwriting.unusual(form.graph()))
                .thenComparingInt(form -> form.text().length())).toList();
        return sorted.stream().filter(form -> hasValues(form, rule.value(), points, atZero)).findFirst()
                .or(() -> sorted.stream().filter(form -> hasValues(form, rule.value(), points, Map.of())).findFirst()).map(Form::text)
                .orElse(null);
    }

    /** A point where the input that the line differentiates by is 0; none where it is computed, or where there are no points. */
    private Map<Integer, Tensor> atZero(Claim claim, List<Map<Integer, Tensor>> points) {
        int by = sheet.image(claim.by());
        if (points.isEmpty() || !points.getFirst().containsKey(by)) {
            return Map.of();
        }
        Map<Integer, Tensor> point = new HashMap<>(points.getFirst());
        point.put(by, Tensor.zeros(sheet.node(by).shape()));
        return point;
    }

    /** A graph whose last node is the result, and its text. */
    private record Form(Graph graph, Map<String, Integer> read, String text) {}

    private List<Form> forms(Writing.Extract extract, boolean isShortened) {
        Graph graph = extract.graph();
        if (graph.size() > MOST_NODES) {
            return List.of();
        }
        List<Graph> found = new ArrayList<>();
        found.add(simple(graph, extract.result()));
        if (isShortened) {
            found.add(Simplifier.textbook(graph, extract.result(), graph.size(), allowance()).graph());
        }
        for (Graph form : List.copyOf(found)) {
            for (int kind = 0; kind < 4; kind++) {
                Graph written = written(form, (kind & 1) == 1, (kind & 2) == 0);
                if (written != null) {
                    found.add(written);
                    found.add(Handwriting.withRoots(written));
                }
            }
        }
        List<Form> forms = new ArrayList<>();
        for (Graph form : found) {
            String shared = Writing.text(form, extract.read().keySet());
            String text = shared != null ? shared : Writing.text(Handwriting.unshared(form), extract.read().keySet());
            if (text != null && text.length() <= LONGEST && Handwriting.isWritten(form)) {
                forms.add(new Form(form, extract.read(), text));
            }
        }
        return forms;
    }

    private @Nullable Graph written(Graph form, boolean isShrunk, boolean hasTies) {
        try {
            Graph written = Handwriting.of(form, isShrunk, hasTies);
            return simple(written, written.size() - 1);
        } catch (ShapeException e) {
            return null;
        }
    }

    private Graph simple(Graph graph, int result) {
        return Simplifier.simplify(graph, result, graph.size(), allowance());
    }

    private Allowance allowance() {
        return new Allowance("derived-nodes", limits.derivedNodes(), _ -> limits.checkpoint().check());
    }

    /**
     * Whether a form has the right values at all points, and is finite at 0 where the true derivative is. {@code sign(x)} is finite there,
     * {@code x / abs(x)} is not.
     */
    private boolean hasValues(Form form, Node rule, List<Map<Integer, Tensor>> points, Map<Integer, Tensor> atZero) {
        Graph graph = form.graph();
        Map<String, Integer> read = form.read();
        BitSet wanted = new BitSet();
        wanted.set(rule.index());
        read.values().forEach(wanted::set);
        BitSet last = new BitSet();
        Runs right = new Runs(sheet.graph(), wanted, runner);
        Gates.Expansion opened = Gates.expand(graph, Allowance.UNBOUNDED);
        int result = opened.image()[graph.size() - 1];
        last.set(result);
        Runs written = new Runs(opened.graph(), last, runner);
        for (Map<Integer, Tensor> point : points) {
            Map<Integer, Tensor> values = right.attempt(point);
            if (values != null) {
                Tensor shown = shown(form, opened, written, values);
                Tensor expected = Objects.requireNonNull(values.get(rule.index()));
                if (shown == null || expected.isFinite() && (!shown.shape().broadcastsTo(expected.shape())
                        || !Closeness.agree(Closeness.stretched(shown, expected), expected.data()))) {
                    return false;
                }
            }
        }
        Map<Integer, Tensor> values = atZero.isEmpty() ? null : right.attempt(atZero);
        if (values == null || !Objects.requireNonNull(values.get(rule.index())).isFinite()) {
            return true;
        }
        Tensor shown = shown(form, opened, written, values);
        return shown != null && shown.isFinite();
    }

    /** Computes the value of a form; null if its graph cannot be run. */
    private static @Nullable Tensor shown(Form form, Gates.Expansion opened, Runs written, Map<Integer, Tensor> values) {
        Map<Integer, Tensor> placed = new HashMap<>();
        for (int i = 0; i < form.graph().size(); i++) {
            if (form.graph().op(i) instanceof Leaf.Input(String id, var _)) {
                placed.put(opened.image()[i], Objects.requireNonNull(values.get(Objects.requireNonNull(form.read().get(id)))));
            }
        }
        Map<Integer, Tensor> found = written.attempt(placed);
        return found == null ? null : found.get(opened.image()[form.graph().size() - 1]);
    }
}
