package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Short formulas, such as {@code a * (1 - a)}, that have the values of a derivative. They are found by their values at the points, and
 * hold where rules of derivatives make long ones: {@code p - y} for a sigmoid with its loss.
 */
final class ShortForms {
    private static final OpDefinition GREATER = Objects.requireNonNull(OpCatalogue.find("gt"));
    private static final int MOST_VALUES = 24;
    private static final long MOST_ENTRIES = 1_000;

    private final Sheet sheet;
    private final GraphBuilder builder;
    private final Runner runner;
    private final List<Map<Integer, Tensor>> points;
    private final Shape shape;
    private final List<Integer> atoms = new ArrayList<>();
    /** Lines that help the backward pass and claim nothing. */
    private final Set<Integer> helpers;
    private final Map<Integer, double[]> values = new HashMap<>();

    /**
     * @param rule the derivative
     * @param readable the values that formulas may be made of, the ones that are preferred first
     * @param helpers those of them that are lines behind the forward pass and no claims
     */
    ShortForms(Sheet sheet, Node rule, Collection<Integer> readable, Set<Integer> helpers, List<Map<Integer, Tensor>> points,
            Runner runner) {
        this.sheet = sheet;
        this.builder = sheet.builder();
        this.runner = runner;
        this.points = points;
        this.shape = rule.shape();
        this.helpers = helpers;
        if (shape.size() <= MOST_ENTRIES) {
            readable.stream().filter(node -> builder.shape(node).equals(shape) || builder.shape(node).isScalar()).limit(MOST_VALUES)
                    .forEach(atoms::add);
        }
    }

    /** Returns nodes with the values of the derivative, if there are such formulas of it or of what each upstream gradient is times. */
    List<Node> of(Claim claim, Node rule, Map<Integer, Node> upstream) {
        Map<Integer, Node> factors = new LinkedHashMap<>();
        Node direct = local(claim, upstream, Sheet.NONE);
        upstream.forEach((node, arriving) -> {
            Node local = arriving.shape().equals(shape) ? local(claim, upstream, node) : null;
            if (local != null && direct != null) {
                factors.put(node, Maths.sub(local, direct));
            }
        });
        if (direct != null && !upstream.containsKey(claim.of())) {
            factors.put(claim.of(), direct);
        }
        if (atoms.isEmpty() || !read(rule, factors.values())) {
            return List.of();
        }
        List<Node> found = new ArrayList<>();
        double[] all = Objects.requireNonNull(values.get(rule.index()));
        // A formula without the gradients that arrive tells nothing of the chain rule, unless a line of the user computes it already.
        Node whole = upstream.isEmpty() ? formula(all, before(claim.of())) : plain(all, atoms.stream().filter(helpers::contains).toList());
        if (whole != null) {
            found.add(whole);
        }
        Node sum = null;
        for (Map.Entry<Integer, Node> each : factors.entrySet()) {
            Node factor = formula(Objects.requireNonNull(values.get(each.getValue().index())), before(each.getKey()));
            if (factor == null) {
                return found;
            }
            Node arriving = upstream.get(each.getKey());
            Node term = arriving == null ? factor : Maths.mul(arriving, factor);
            boolean isZero = factor.isLiteral(0);
            sum = isZero ? sum : sum == null ? term : Maths.add(sum, term);
        }
        if (sum != null) {
            found.add(sum);
        }
        return found;
    }

    /** The derivative where 1 arrives at one node, or at none, and 0 at the others; what comes from the output itself is a part of it. */
    private @Nullable Node local(Claim claim, Map<Integer, Node> upstream, int of) {
        Map<Integer, Node> unit = new HashMap<>(upstream);
        unit.replaceAll((node, arriving) -> Maths.broadcastTo(builder.literal(node == of ? 1 : 0), arriving.shape()));
        Sheet.LocalRule local = sheet.localRule(claim, unit, false);
        return local == null ? null : local.value();
    }

    /** Reads the values at all points; false where there are none. */
    private boolean read(Node rule, Collection<Node> factors) {
        BitSet results = new BitSet();
        results.set(rule.index());
        atoms.forEach(results::set);
        factors.forEach(factor -> results.set(factor.index()));
        Runs runs = new Runs(sheet.graph(), results, runner);
        List<Map<Integer, Tensor>> found = points.stream().map(runs::attempt).filter(Objects::nonNull).toList();
        int length = shape.length();
        results.stream().forEach(node -> {
            double[] all = new double[length * found.size()];
            for (int p = 0; p < found.size(); p++) {
                Tensor value = Objects.requireNonNull(found.get(p).get(node));
                System.arraycopy(Closeness.stretched(value, Tensor.zeros(shape)), 0, all, p * length, length);
            }
            values.put(node, all);
        });
        return !found.isEmpty() && length > 0;
    }

    /** The values that are not computed from a node: what is behind a gate is no part of its local gradient. */
    private List<Integer> before(int node) {
        BitSet one = new BitSet();
        one.set(sheet.image(node));
        BitSet behind = Activity.dependents(sheet.graph(), builder.size(), one);
        behind.clear(sheet.image(node));
        return atoms.stream().filter(atom -> !behind.get(atom)).toList();
    }

    /** The first formula of these values that has the target's values, from the shortest on. */
    private @Nullable Node formula(double[] target, List<Integer> from) {
        Node found = plain(target, from);
        for (int a : found == null ? from : List.<Integer>of()) {
            found = found != null ? found : ofOne(target, a);
        }
        for (int a : found == null ? from : List.<Integer>of()) {
            for (int b : from) {
                found = found != null || a == b ? found : ofTwo(target, a, b);
            }
        }
        return found;
    }

    /** A whole number, or one of the values itself. */
    private @Nullable Node plain(double[] target, List<Integer> from) {
        if (target[0] == Math.rint(target[0]) && Arrays.stream(target).allMatch(x -> x == target[0])) {
            return builder.literal(target[0]);
        }
        return from.stream().filter(a -> has(target, a, a, (x, _) -> x)).findFirst().map(sheet::node).orElse(null);
    }

    private @Nullable Node ofOne(double[] target, int a) {
        Node x = sheet.node(a);
        Node one = builder.literal(1);
        return first(target, a, a,
                Map.entry((v, _) -> -v, () -> Maths.mul(-1, x)),
                Map.entry((v, _) -> 1 - v, () -> Maths.sub(one, x)),
                Map.entry((v, _) -> v > 0 ? 1 : 0, () -> builder.add(GREATER.create(Map.of(), 2), x, builder.literal(0))),
                Map.entry((v, _) -> 2 * v, () -> Maths.mul(2, x)),
                Map.entry((v, _) -> 1 / v, () -> Maths.div(one, x)),
                Map.entry((v, _) -> v * v, () -> Maths.mul(x, x)),
                Map.entry((v, _) -> v * (1 - v), () -> Maths.mul(x, Maths.sub(one, x))),
                Map.entry((v, _) -> 1 - v * v, () -> Maths.sub(one, Maths.mul(x, x))));
    }

    private @Nullable Node ofTwo(double[] target, int a, int b) {
        Node x = sheet.node(a);
        Node y = sheet.node(b);
        return first(target, a, b,
                Map.entry((v, w) -> v - w, () -> Maths.sub(x, y)),
                Map.entry((v, w) -> v * w, () -> Maths.mul(x, y)),
                Map.entry((v, w) -> v / w, () -> Maths.div(x, y)),
                Map.entry((v, w) -> -v * w, () -> Maths.mul(-1, Maths.mul(x, y))),
                Map.entry((v, w) -> 2 * (v - w), () -> Maths.mul(2, Maths.sub(x, y))),
                Map.entry((v, w) -> v * (1 - w), () -> Maths.mul(x, Maths.sub(builder.literal(1), y))));
    }

    @SafeVarargs
    private @Nullable Node first(double[] target, int a, int b, Map.Entry<DoubleBinaryOperator, Supplier<Node>>... formulas) {
        for (Map.Entry<DoubleBinaryOperator, Supplier<Node>> each : formulas) {
            if (has(target, a, b, each.getKey())) {
                return each.getValue().get();
            }
        }
        return null;
    }

    private boolean has(double[] target, int a, int b, DoubleBinaryOperator formula) {
        double[] first = Objects.requireNonNull(values.get(a));
        double[] second = Objects.requireNonNull(values.get(b));
        for (int i = 0; i < target.length; i++) {
            double difference = Math.abs(formula.applyAsDouble(first[i], second[i]) - target[i]);
            if (Double.isFinite(target[i]) && !(difference <= Closeness.RELATIVE * Math.max(1, Math.abs(target[i])))) {
                return false;
            }
        }
        return true;
    }
}
