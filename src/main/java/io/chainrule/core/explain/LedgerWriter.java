package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.op.Cautions;
import io.chainrule.core.print.BackwardPrinter;
import io.chainrule.core.print.FormulaPrinter;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the entries of the ledger. */
final class LedgerWriter {
    private static final int MOST_ADDED = 6;
    private static final int MOST_SHOWN = 16;
    /** A smaller slope counts as nearly 0. The slope of sigmoid is smaller where its value is within 1 % of a limit. */
    private static final double FLAT = 0.01;

    private final Scene scene;
    private final Notes notes;
    private final GateText gates;
    private final boolean isFull;

    LedgerWriter(Scene scene, Notes notes, boolean isFull) {
        this.scene = scene;
        this.notes = notes;
        this.gates = new GateText(scene);
        this.isFull = isFull;
    }

    Explanation.Entry entry(int node) {
        Tensor gradient = scene.outcome.gradient(node);
        List<Contribution> contributions = scene.contributions.of(node);
        boolean isSingle = readings(contributions) == 1;
        List<Explanation.Term> terms = contributions.stream().map(each -> term(node, each, isSingle, isRepeated(each, contributions)))
                .toList();
        List<String> sentences = new ArrayList<>(List.of(head(node, gradient, contributions)));
        if (isFull) {
            sentences.addAll(notes.of(node));
            contributions.stream().filter(each -> each.part() == 0 && isSaturated(each)).map(this::saturated).forEach(sentences::add);
        }
        FormulaPrinter.Both formula = formula(node, gradient, contributions);
        return new Explanation.Entry(scene.id(node), gradient, terms, String.join(" ", sentences), formula.latex(), formula.mathml());
    }

    private FormulaPrinter.Both formula(int node, Tensor gradient, List<Contribution> contributions) {
        List<BackwardPrinter.Reader> readers = contributions.stream().filter(each -> each.part() == 0)
                .map(each -> new BackwardPrinter.Reader(each.to(), each.operand(), each.local() != null)).toList();
        boolean areScalars = contributions.stream().allMatch(each -> each.parts() == 1 && each.factor().isPresent());
        List<double[]> numbers = areScalars
                ? contributions.stream().map(each -> new double[]{each.upstream().item(), each.factor().orElseThrow()}).toList()
                : List.of();
        return scene.printer().sum(node, readers, numbers, isShort(gradient) ? gradient : null);
    }

    /** Whether a formula shows the elements of an array. */
    private static boolean isShort(Tensor value) {
        return value.shape().rank() <= 2 && value.length() > 0 && value.length() <= MOST_SHOWN;
    }

    private String head(int node, Tensor gradient, List<Contribution> contributions) {
        String id = scene.id(node);
        if (node == scene.program.output()) {
            return scene.text(scene.isCotangentGiven() ? "start.given" : "start", scene.outputNode(), scene.number(gradient));
        } else if (contributions.isEmpty()) {
            return scene.text(scene.bound.paths().reaches(node) ? "flat" : "unreached", id, scene.outputId());
        }
        String name = Scene.guarded(id);
        String output = Scene.guarded(scene.outputId());
        long readings = readings(contributions);
        if (readings == 1) {
            Contribution only = contributions.getFirst();
            boolean isProduct = only.parts() == 1 && only.factor().isPresent();
            String product = isProduct
                    ? Numerals.factor(only.upstream().item()) + " × " + Numerals.factor(only.factor().orElseThrow())
                    : "";
            return scene.text(isProduct ? "one.product" : "one", output, name, scene.number(gradient), gates.of(node, only),
                    product);
        }
        boolean isSum = gradient.shape().isScalar() && contributions.size() <= MOST_ADDED;
        String sum = contributions.stream().limit(MOST_ADDED).filter(_ -> isSum).map(each -> Numerals.factor(each.value().item()))
                .collect(Collectors.joining(" + "));
        return scene.text(isSum ? "many.sum" : "many", output, name, scene.number(gradient), readings, sum);
    }

    private static long readings(List<Contribution> contributions) {
        return contributions.stream().map(each -> List.of(each.to(), each.operand())).distinct().count();
    }

    /** Whether the same gate reads the node in another place too. */
    private static boolean isRepeated(Contribution contribution, List<Contribution> all) {
        return all.stream().anyMatch(other -> other.to() == contribution.to() && other.operand() != contribution.operand());
    }

    /**
     * @param isSingle whether the entry's own sentence tells the role of the gate
     * @param isRepeated whether the gate has the node as several operands, of which this is one
     */
    private Explanation.Term term(int node, Contribution contribution, boolean isSingle, boolean isRepeated) {
        Explanation.Form own = contribution.local() == null && contribution.parts() > 1
                ? scene.part(contribution.to(), contribution.operand(), contribution.part())
                : null;
        Explanation.Form form = contribution.local() != null
                ? null
                : own == null ? scene.form(contribution.to(), contribution.operand()) : own;
        List<String> sentences = new ArrayList<>(List.of(product(node, contribution, form, own != null)));
        if (isRepeated) {
            sentences.add(scene.text("term.operand", scene.id(contribution.to()), scene.id(node), contribution.operand() + 1));
        }
        if (form != null && !form.letters().isEmpty()) {
            sentences.add(scene.text("term.where", String.join(", ", form.letters())));
        }
        if (contribution.parts() > 1 && form == null) {
            sentences.add(scene.text("term.part", scene.id(contribution.to()), scene.id(node), contribution.parts(),
                    contribution.part() + 1));
        }
        if (isFull && !isSingle) {
            sentences.add(gates.of(node, contribution));
        }
        Phrase convention = form == null ? null : notes.convention(contribution.to());
        if (convention != null) {
            sentences.add(scene.text("term.kink", scene.id(contribution.to()), convention));
        }
        zeroTimesInfinity(contribution).forEach(key -> sentences.add(scene.text(key)));
        return new Explanation.Term(scene.id(contribution.to()), contribution, form, gates.slope(contribution),
                String.join(" ", sentences));
    }

    /** Whether at least half of the elements of a gate with limits are where its slope is nearly 0. */
    private boolean isSaturated(Contribution contribution) {
        Tensor local = contribution.local();
        return local != null && local.length() > 0 && Cautions.of(scene.graph.op(contribution.to())).limits() != null
                && !notes.isSaturationTold(contribution.to()) && 2 * flat(local) >= local.length();
    }

    private String saturated(Contribution contribution) {
        Tensor local = Objects.requireNonNull(contribution.local());
        String id = scene.id(contribution.to());
        return local.length() == 1
                ? scene.text("note.saturated", id)
                : scene.text("note.saturated-units", id, flat(local), local.length());
    }

    private static long flat(Tensor local) {
        return Arrays.stream(local.data()).filter(slope -> Math.abs(slope) < FLAT).count();
    }

    /**
     * What is said where one of the gradients is 0 and the other is not finite: a gate that routes passes 0, whatever arrives, and so does
     * the strong product of a gradient of 0; else the product is NaN.
     */
    private static Set<String> zeroTimesInfinity(Contribution contribution) {
        double[] upstream = contribution.upstream().data();
        double[] value = contribution.value().data();
        double[] local = contribution.local() == null ? new double[0] : contribution.local().data();
        Set<String> keys = new LinkedHashSet<>();
        // A contribution with fewer elements is made of sums. If these are numbers, no product in them was NaN.
        boolean isEach = value.length == local.length;
        boolean areNumbers = Arrays.stream(value).noneMatch(Double::isNaN);
        for (int i = 0; i < local.length && local.length == upstream.length; i++) {
            boolean isZero = isEach ? value[i] == 0 : areNumbers;
            if (local[i] == 0 && !Double.isFinite(upstream[i]) && isZero) {
                keys.add("term.shut");
            } else if (local[i] == 0 && Double.isInfinite(upstream[i]) && isEach) {
                keys.add("term.undefined");
            } else if (upstream[i] == 0 && !Double.isFinite(local[i]) && isZero) {
                keys.add("term.closed");
            }
        }
        return keys;
    }

    /** {@code isOwn} says whether the form is that of this part alone. */
    private String product(int node, Contribution contribution, Explanation.@Nullable Form form, boolean isOwn) {
        String to = scene.id(contribution.to());
        String id = scene.id(node);
        Tensor value = contribution.value();
        Tensor local = contribution.local();
        if (local == null || form != null) {
            Explanation.Form known = Objects.requireNonNull(form);
            return scene.text(key(contribution, isOwn), to, id, known.text(), known.shapes(), scene.number(value), contribution.parts(),
                    contribution.part() + 1);
        } else if (local.shape().isScalar()) {
            return scene.text("term.scalar", to, id, Numerals.factor(contribution.upstream().item()), Numerals.factor(local.item()),
                    Numerals.of(value.item()));
        }
        boolean isStretched = !value.shape().equals(local.shape());
        String key = isStretched ? "term.stretched" : "term.array";
        return scene.text(Numerals.isShown(local) ? key : key + ".large", to, id, scene.number(contribution.upstream()),
                scene.number(local), scene.number(value), local.shape(), value.shape());
    }

    private static String key(Contribution contribution, boolean isOwn) {
        if (contribution.parts() == 1) {
            return Numerals.isShown(contribution.value()) ? "term.form" : "term.form.large";
        }
        return isOwn ? "term.form.one" : contribution.part() == 0 ? "term.form.part" : "term.form.again";
    }
}
