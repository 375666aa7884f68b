package io.chainrule.core.grade;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.BiFunction;

/**
 * Chooses among readings of a program, which differ in the line that is the output. A line behind the output can only help the backward
 * pass. So where no claim needs it, it is the output itself, or else wrong claims would be right of a line that is easier to differentiate.
 */
final class Readings {
    /** The points at which readings are compared. */
    private static final int POINTS = 4;
    /** What is added to a line to see whether claims need its value. */
    private static final double CHANGE = 0.3;

    private final BiFunction<BackwardPass, Sheet, Map<Integer, Tensor>> given;
    private final Runner runner;
    private final BuildLimits limits;

    /** {@code given} are the values of the inputs, by node of a sheet. */
    Readings(BiFunction<BackwardPass, Sheet, Map<Integer, Tensor>> given, Runner runner, BuildLimits limits) {
        this.given = given;
        this.runner = runner;
        this.limits = limits;
    }

    /**
     * Returns the reading that needs each line behind its output and in which the most claims are right, or follow from others; the first
     * of those that have equally many.
     *
     * @throws io.chainrule.core.graph.ProblemException where each of them leaves out a line that has no gradient
     */
    BackwardPass likeliest(BackwardPass.Candidates candidates) {
        BackwardPass best = null;
        long most = -1;
        OptionalInt left = OptionalInt.empty();
        for (BackwardPass pass : candidates.passes()) {
            if (candidates.passes().size() == 1 && pass.rivals().isEmpty()) {
                return pass;
            }
            if (pass.claims().isEmpty()) {
                OptionalInt rival = pass.rivals().stream().mapToInt(node -> node).findFirst();
                if (rival.isEmpty()) {
                    return pass;
                }
                left = left.isPresent() ? left : rival;
                continue;
            }
            Trial trial = new Trial(pass);
            if (trial.unread().isPresent()) {
                left = left.isPresent() ? left : trial.unread();
            } else if (trial.right() > most) {
                best = pass;
                most = trial.right();
            }
        }
        return best == null ? candidates.reader().pass(left.orElseThrow()) : best;
    }

    /** A reading at a few points. */
    private final class Trial {
        private final Map<Claim, Node> truths;
        private final Map<Claim, Node> lines = new HashMap<>();
        /** The claims with the true gradients in place of those that they read. */
        private final Map<Claim, Node> corrected = new HashMap<>();
        private final List<Map<Integer, Tensor>> values;
        private final OptionalInt unread;

        Trial(BackwardPass pass) {
            Sheet sheet = new Sheet(pass, limits);
            truths = sheet.truths(pass.claims());
            BitSet watched = new BitSet();
            truths.values().forEach(truth -> watched.set(truth.index()));
            BitSet results = (BitSet) watched.clone();
            for (Claim claim : pass.claims()) {
                lines.put(claim, sheet.node(sheet.image(claim.node())));
                Node with = Corrections.of(sheet, pass.graph(), claim, truths);
                corrected.put(claim, with == null ? sheet.node(sheet.image(claim.node())) : with);
            }
            lines.values().forEach(line -> results.set(line.index()));
            corrected.values().forEach(line -> results.set(line.index()));
            List<Map<Integer, Tensor>> points = new Points(sheet, pass, given.apply(pass, sheet), watched, runner).all()
                    .stream().limit(POINTS).toList();
            Runs runs = new Runs(sheet.graph(), results, runner);
            this.values = points.stream().map(runs::attempt).filter(Objects::nonNull).toList();
            this.unread = pass.rivals().stream().mapToInt(rival -> rival).filter(rival -> !isRead(rival, pass, sheet, points)).findFirst();
        }

        /** The first line that could be the output and that no claim needs: the claims have the same values whatever its value is. */
        OptionalInt unread() {
            return unread;
        }

        private boolean isRead(int rival, BackwardPass pass, Sheet sheet, List<Map<Integer, Tensor>> points) {
            Graph graph = sheet.graph();
            int node = sheet.image(rival);
            BitSet one = new BitSet();
            one.set(node);
            BitSet behind = Activity.dependents(graph, graph.size(), one);
            Map<Integer, Integer> other = Map.of(node, Maths.add(sheet.node(node), sheet.builder().literal(CHANGE)).index());
            for (Claim claim : pass.claims()) {
                int line = sheet.image(claim.node());
                Node changed = behind.get(line) ? sheet.replaced(line, other, behind) : sheet.node(line);
                if (claim.misfit() != null || changed == null || !isSame(line, changed, sheet, points)) {
                    return true;
                }
            }
            return false;
        }

        private boolean isSame(int line, Node changed, Sheet sheet, List<Map<Integer, Tensor>> points) {
            BitSet both = new BitSet();
            both.set(line);
            both.set(changed.index());
            Runs runs = new Runs(sheet.graph(), both, runner);
            return line == changed.index() || points.stream().map(runs::attempt)
                    .allMatch(found -> found != null && Closeness.agree(tensor(found, line), tensor(found, changed.index())));
        }

        /** The number of claims that are right, or would be if those that they read were. */
        long right() {
            return truths.entrySet().stream().filter(claim -> {
                int truth = claim.getValue().index();
                // A gradient of zero tells nothing: it is that of every line that does not depend on the node.
                List<Map<Integer, Tensor>> telling = values.stream()
                        .filter(found -> Closeness.largest(tensor(found, truth).data()) > 0).toList();
                return isRight(lines, claim.getKey(), truth, telling) || isRight(corrected, claim.getKey(), truth, telling);
            }).count();
        }

        private static boolean isRight(Map<Claim, Node> forms, Claim claim, int truth, List<Map<Integer, Tensor>> telling) {
            int form = Objects.requireNonNull(forms.get(claim)).index();
            return telling.stream().filter(found -> Closeness.isRight(tensor(found, form), tensor(found, truth), null, null))
                    .count() * 2 > telling.size();
        }

        private static Tensor tensor(Map<Integer, Tensor> found, int node) {
            return Objects.requireNonNull(found.get(node));
        }
    }
}
