package io.chainrule.core.grade;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a line should say: the local rule in terms of names that the line can read, such as {@code dfdq * z}. */
final class ExpectedLine {
    private static final int MOST_NODES = 200;

    private final Sheet sheet;
    private final BackwardPass pass;
    private final BuildLimits limits;
    private final Runner runner;
    /** What the line can read, by node of the sheet. */
    private final Map<Integer, String> names = new LinkedHashMap<>();

    ExpectedLine(Sheet sheet, BackwardPass pass, BuildLimits limits, Runner runner, Claim claim) {
        this.sheet = sheet;
        this.pass = pass;
        this.limits = limits;
        this.runner = runner;
        pass.program().inputs().forEach(input -> names.put(sheet.image(input), pass.program().id(input)));
        pass.lines().stream().filter(line -> line.isLast() && line.node() < claim.node())
                .filter(line -> sheet.isForward(sheet.image(line.node()))
                        || pass.claims().stream().anyMatch(other -> other.line().equals(line)))
                .forEach(line -> names.put(sheet.image(line.node()), line.name()));
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
        List<Form> forms = new ArrayList<>(forms(extracted(rule.value(), rule.originals()), true));
        if (mended != null) {
            forms.addAll(forms(extracted(mended, Map.of()), false));
        }
        return forms.stream().filter(form -> form.text() != null && hasValues(form, rule.value(), points)).map(Form::text)
                .min(Comparator.comparingInt(text -> text == null ? 0 : text.length())).orElse(null);
    }

    /** A graph whose last node is the result, and its text. */
    private record Form(Graph graph, Map<String, Integer> read, @Nullable String text) {}

    private List<Form> forms(Extract extract, boolean isShortened) {
        Graph graph = extract.graph();
        if (graph.size() > MOST_NODES) {
            return List.of();
        }
        Allowance allowance = new Allowance("derived-nodes", limits.derivedNodes(), _ -> limits.checkpoint().check());
        List<Graph> found = new ArrayList<>();
        found.add(Simplifier.simplify(graph, extract.result(), graph.size(), allowance));
        if (isShortened) {
            found.add(Simplifier.textbook(graph, extract.result(), graph.size(), allowance).graph());
        }
        return found.stream().map(form -> new Form(form, extract.read(), text(form, extract.read()))).toList();
    }

    private record Extract(Graph graph, int result, Map<String, Integer> read) {}

    /** A value as a graph over inputs that are what the line can read. */
    private Extract extracted(Node value, Map<Integer, Integer> originals) {
        Map<String, Integer> read = new LinkedHashMap<>();
        Graph all = sheet.graph();
        BitSet needed = new BitSet();
        needed.set(value.index());
        for (int i = value.index(); i >= 0; i = needed.previousSetBit(i - 1)) {
            int known = originals.getOrDefault(i, i);
            for (int k = 0; k < all.operandCount(i) && !names.containsKey(known); k++) {
                needed.set(all.operand(i, k));
            }
        }
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] image = new int[all.size()];
        needed.stream().forEach(i -> {
            int known = originals.getOrDefault(i, i);
            String name = names.get(known);
            if (name != null) {
                Integer before = read.get(name);
                image[i] = before != null ? image[before] : builder.input(name, all.shape(i)).index();
                read.putIfAbsent(name, i);
            } else {
                image[i] = builder.copy(all, i, image);
            }
        });
        return new Extract(builder.build(), image[value.index()], read);
    }

    private static @Nullable String text(Graph form, Map<String, Integer> read) {
        @Nullable
        String[] ids = new String[form.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = form.op(i) instanceof Leaf.Input(String id, var _) ? id : null;
        }
        ProgramText text = ExpressionPrinter.write(new NamedGraph(form, form.size() - 1, ids, _ -> null), Set.copyOf(read.keySet()));
        return text.expression().contains("\n") || !text.renamedInputs().isEmpty() ? null : text.expression();
    }

    private boolean hasValues(Form shown, Node rule, List<Map<Integer, Tensor>> points) {
        Graph form = shown.graph();
        Map<String, Integer> read = shown.read();
        BitSet wanted = new BitSet();
        wanted.set(rule.index());
        read.values().forEach(wanted::set);
        BitSet last = new BitSet();
        Runs right = new Runs(sheet.graph(), wanted, runner);
        Gates.Expansion opened = Gates.expand(form, Allowance.UNBOUNDED);
        int result = opened.image()[form.size() - 1];
        last.set(result);
        Runs written = new Runs(opened.graph(), last, runner);
        for (Map<Integer, Tensor> point : points) {
            Map<Integer, Tensor> values = right.attempt(point);
            if (values == null) {
                continue;
            }
            Map<Integer, Tensor> placed = new HashMap<>();
            for (int i = 0; i < form.size(); i++) {
                if (form.op(i) instanceof Leaf.Input(String id, var _)) {
                    placed.put(opened.image()[i], Objects.requireNonNull(values.get(Objects.requireNonNull(read.get(id)))));
                }
            }
            Map<Integer, Tensor> found = written.attempt(placed);
            Tensor expected = Objects.requireNonNull(values.get(rule.index()));
            if (found == null || expected.isFinite()
                    && !Closeness.agree(Objects.requireNonNull(found.get(result)), expected)) {
                return false;
            }
        }
        return true;
    }
}
