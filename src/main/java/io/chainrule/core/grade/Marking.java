package io.chainrule.core.grade;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.autodiff.ErrorBounds;
import io.chainrule.core.expression.Misfit;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Marks the claims of a backward pass, in the order of the text. */
final class Marking {
    /** Mistakes of lines with more entries are looked for at fewer points. */
    private static final int MOST_ENTRIES = 1_000;
    private static final int FEW_POINTS = 4;

    private final BackwardPass pass;
    private final Sheet sheet;
    private final Texts texts;
    private final Terms terms;
    private final Runner runner;
    private final BitSet claimNodes;
    private final Map<Claim, Node> truths = new LinkedHashMap<>();
    /** The line with the true gradients in place of the claims that it reads; none where their shapes do not fit. */
    private final Map<Claim, Node> corrected = new HashMap<>();
    private final List<Map<Integer, Tensor>> points;
    private final List<Map<Integer, Tensor>> values = new ArrayList<>();
    private final Remarks remarks;
    private final Map<Integer, Integer> errors;
    private final Diagnosis diagnosis;
    private final Noise noise;
    private final Set<Claim> mistaken = new HashSet<>();
    /** The claims that are computed from the true derivative in place of an earlier claim. */
    private final Set<Claim> assuming = new HashSet<>();

    Marking(BackwardPass pass, Sheet sheet, Map<Integer, Tensor> given, Texts texts, Runner runner, BuildLimits limits) {
        this.pass = pass;
        this.sheet = sheet;
        this.texts = texts;
        this.terms = new Terms(sheet, pass.program());
        this.runner = runner;
        this.claimNodes = sheet.claimNodes();
        this.noise = new Noise(sheet, runner);
        truths.putAll(sheet.truths(pass.claims()));
        BitSet wanted = new BitSet();
        BitSet watched = new BitSet();
        watched.set(sheet.image(pass.output()));
        truths.values().forEach(truth -> watched.set(truth.index()));
        wanted.or(watched);
        for (Claim claim : pass.claims()) {
            wanted.set(sheet.image(claim.node()));
            Node with = Corrections.of(sheet, pass.graph(), claim, truths);
            if (with != null) {
                corrected.put(claim, with);
                wanted.set(with.index());
            }
        }
        Points drawn = new Points(sheet, pass, given, watched, runner);
        this.points = drawn.all();
        ErrorBounds bounds = ErrorBounds.of(sheet.graph(), wanted,
                new Allowance("derived-nodes", limits.derivedNodes(), limits.growth()));
        this.errors = bounds.bounds();
        BitSet results = (BitSet) wanted.clone();
        errors.values().forEach(results::set);
        Runs runs = new Runs(bounds.graph(), results, runner);
        points.forEach(point -> values.add(runs.at(point)));
        this.remarks = new Remarks(drawn, runs);
        this.diagnosis = new Diagnosis(pass, sheet, given, runner, limits);
    }

    /** By node of the line. */
    Map<Integer, Grade.Mark> marks() {
        Map<Integer, Grade.Mark> marks = new TreeMap<>();
        pass.claims().forEach(claim -> marks.put(claim.node(), mark(claim)));
        return marks;
    }

    /** Whether a claim is right, at a kink by any subgradient, or would be if the claims that it reads were right. */
    boolean fits(Claim claim) {
        Node with = corrected.get(claim);
        return with != null && failing(claim, with).isEmpty()
                || areSubgradients(claim, failing(claim, sheet.node(sheet.image(claim.node()))));
    }

    private Grade.Mark mark(Claim claim) {
        if (claim.misfit() != null) {
            return unfit(claim, claim.misfit());
        }
        Tensor claimed = value(0, sheet.node(sheet.image(claim.node())));
        Tensor expected = value(0, truth(claim));
        String name = claim.line().name();
        String derivative = texts.derivative(pass.program().id(claim.of()), by(claim));
        Set<Integer> failing = failing(claim, sheet.node(sheet.image(claim.node())));
        boolean hasErrorsBefore = sheet.read(claim).stream().anyMatch(mistaken::contains);
        boolean isAssuming = isAssuming(claim);
        if (isAssuming) {
            assuming.add(claim);
        }
        if (failing.isEmpty() && isAssuming) {
            mistaken.add(claim);
            return mark(claim, Verdict.FOLLOWS, null, expected, texts.of("follows", name, derivative));
        }
        if (failing.isEmpty()) {
            String kind = !expected.isFinite() || !isRight(values.getFirst(), sheet.node(sheet.image(claim.node())), truth(claim))
                    ? "right.undefined"
                    : claimed.shape().equals(expected.shape()) ? "right" : "right.everywhere";
            Node line = sheet.node(sheet.image(claim.node()));
            String text = remarks.of(found -> isRight(found, line, truth(claim)))
                    .map(remark -> texts.of(remark.key(), name, derivative, terms.name(remark.input())))
                    .orElseGet(() -> texts.of(kind, name, derivative));
            return mark(claim, Verdict.RIGHT, claimed, expected, text);
        }
        boolean isSubgradient = areSubgradients(claim, failing);
        if (isSubgradient && !hasErrorsBefore) {
            return mark(claim, Verdict.RIGHT, claimed, expected, texts.of("right.kink", name, derivative));
        }
        mistaken.add(claim);
        Node with = corrected.get(claim);
        if (hasErrorsBefore && (isSubgradient || with != null && failing(claim, with).isEmpty())) {
            return mark(claim, Verdict.FOLLOWS, claimed, expected, texts.of("follows", name, derivative));
        }
        return wrong(claim, claimed, expected, failing, name, derivative);
    }

    private Grade.Mark wrong(Claim claim, Tensor claimed, Tensor expected, Set<Integer> failing, String name, String derivative) {
        boolean isAccident = !failing.contains(0) && expected.isFinite();
        List<Map<Integer, Tensor>> finite = finite(claim);
        Node line = sheet.node(sheet.image(claim.node()));
        boolean isRightWhereFinite = !claimed.isFinite() && failing.size() < points.size()
                && failing.stream().noneMatch(p -> value(p, line).isFinite());
        Mistake known = failing.equals(Set.of(0)) || isRightWhereFinite
                ? claimed.isFinite() ? Mistake.OUTSIDE_SUBGRADIENTS : Mistake.NOT_FINITE
                : !finite.isEmpty() ? null : expected.isFinite() && !claimed.isFinite() ? Mistake.NOT_FINITE : Mistake.OTHER;
        Diagnosis.Found found = diagnosis.of(claim, known, finite, () -> compared(claim));
        String expression = found.expression();
        String text = texts.of(isAccident ? "wrong.accident" : "wrong", name, derivative) + " "
                + texts.mistake(found.finding(), by(claim))
                + (expression == null ? "" : " " + texts.of("expected", name + " = " + expression));
        return new Grade.Mark(claim.line().id(), pass.program().id(claim.by()), Verdict.WRONG, found.finding().mistake(), claimed, expected,
                expression, text);
    }

    /** Whether a line reads an earlier claim that has no value or a wrong shape, so that the true derivative takes its place. */
    private boolean isAssuming(Claim claim) {
        BitSet own = sheet.ownNodes(claim, claimNodes);
        return sheet.read(claim).stream().anyMatch(other -> assuming.contains(other)
                || other.assumed() != Sheet.NONE && own.get(sheet.image(other.assumed())));
    }

    private Grade.Mark unfit(Claim claim, Misfit misfit) {
        String name = claim.line().name();
        Claim full = Corrections.computed(claim);
        Node with = corrected.get(claim);
        boolean isBehindError = full != null && sheet.read(full).stream().anyMatch(mistaken::contains);
        mistaken.add(claim);
        if (isBehindError && with != null && failing(claim, with).isEmpty()) {
            return mark(claim, Verdict.FOLLOWS, null, value(0, truth(claim)),
                    texts.of("follows", name, texts.derivative(pass.program().id(claim.of()), by(claim))));
        }
        Diagnosis.Found found = diagnosis.of(claim, misfit, points);
        Recogniser.Finding finding = found.finding();
        String expression = found.expression();
        String why = misfit.problem().message();
        String helper = misfit.helper();
        String text = (helper == null ? texts.of("wrong.unfit", name, why) : texts.of("wrong.unfit.helper", name, helper, why))
                + (finding.mistake() == Mistake.WRONG_SHAPE ? "" : " " + texts.mistake(finding, by(claim)))
                + (expression == null ? "" : " " + texts.of("expected", name + " = " + expression));
        return new Grade.Mark(claim.line().id(), pass.program().id(claim.by()), Verdict.WRONG, finding.mistake(), null,
                value(0, truth(claim)), expression, text);
    }

    private Grade.Mark mark(Claim claim, Verdict verdict, @Nullable Tensor claimed, Tensor expected, String text) {
        return new Grade.Mark(claim.line().id(), pass.program().id(claim.by()), verdict, null, claimed, expected, null, text);
    }

    /** The points at which a gradient can be compared: all, but for the first where its value there is a convention. */
    private List<Map<Integer, Tensor>> compared(Claim claim) {
        return few(restsOnConvention(claim) ? points.subList(1, points.size()) : points, claim);
    }

    /** Large arrays are compared at fewer points, since their many entries suffice to find a mistake. */
    private List<Map<Integer, Tensor>> few(List<Map<Integer, Tensor>> all, Claim claim) {
        return truth(claim).shape().size() <= MOST_ENTRIES ? all : all.subList(0, Math.min(all.size(), FEW_POINTS));
    }

    /** Whether the gradient at the user's inputs is finite only because zero times infinity counts as zero. */
    private boolean restsOnConvention(Claim claim) {
        BitSet result = new BitSet();
        result.set(truth(claim).index());
        BitSet needed = Activity.ancestors(sheet.graph(), result);
        Map<Integer, Tensor> found = new Runs(sheet.graph(), needed, runner).attempt(points.getFirst());
        return found != null && found.values().stream().anyMatch(value -> !value.isFinite());
    }

    private boolean isRight(Map<Integer, Tensor> found, Node node, Node truth) {
        return Closeness.isRight(Objects.requireNonNull(found.get(node.index())), Objects.requireNonNull(found.get(truth.index())),
                error(found, node), error(found, truth));
    }

    /** The points at which a node is not the derivative that a line claims to be. */
    private Set<Integer> failing(Claim claim, Node node) {
        Set<Integer> failing = new HashSet<>();
        Set<Integer> undefined = new HashSet<>();
        for (int p = 0; p < points.size(); p++) {
            if (!isRight(values.get(p), node, truth(claim)) || !noise.explains(points.get(p), values.get(p), node, truth(claim))) {
                failing.add(p);
                if (p > 0 && !value(p, node).isFinite()) {
                    undefined.add(p);
                }
            }
        }
        // Where zero times infinity counts as zero, another value is no mistake. A line may be right on a part of the program's domain.
        if (failing.equals(Set.of(0)) && restsOnConvention(claim)) {
            return Set.of();
        }
        boolean isRightWhereDefined = !failing.contains(0) && failing.equals(undefined) && failing.size() < points.size() - 1;
        return isRightWhereDefined ? Set.of() : failing;
    }

    private List<Map<Integer, Tensor>> finite(Claim claim) {
        List<Map<Integer, Tensor>> finite = IntStream.range(0, points.size())
                .filter(p -> value(p, truth(claim)).isFinite() && value(p, sheet.node(sheet.image(claim.node()))).isFinite())
                .mapToObj(points::get).toList();
        return few(finite, claim);
    }

    /** What texts call the node whose gradient a claim is. */
    private String by(Claim claim) {
        return pass.program().isNamed(claim.by()) ? pass.program().id(claim.by()) : terms.name(sheet.image(claim.by()));
    }

    private Node truth(Claim claim) {
        return Objects.requireNonNull(truths.get(claim));
    }

    private Tensor value(int point, Node node) {
        return Objects.requireNonNull(values.get(point).get(node.index()));
    }

    private @Nullable Tensor error(Map<Integer, Tensor> found, Node node) {
        Integer bound = errors.get(node.index());
        return bound == null ? Tensor.zeros(node.shape()) : found.get(bound);
    }

    private boolean areSubgradients(Claim claim, Set<Integer> failing) {
        Map<Integer, Node> upstream = sheet.upstream(claim);
        return failing.stream().allMatch(p -> Subgradients.contain(sheet, claim, upstream, points.get(p),
                value(p, sheet.node(sheet.image(claim.node()))), runner));
    }
}
