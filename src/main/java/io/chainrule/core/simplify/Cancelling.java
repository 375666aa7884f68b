package io.chainrule.core.simplify;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Cancels and gathers factors of a fraction, for the textbook form. Conditions go to the {@link Domain}. */
final class Cancelling {
    /** Pairs are looked for in fractions of at most this many factors. */
    private static final int MOST_FACTORS = 12;

    private final UniqueNodes graph;
    private final Domain domain;
    private final List<Node> above;
    private final List<Node> below;

    Cancelling(UniqueNodes graph, Domain domain, List<Node> above, List<Node> below) {
        this.graph = graph;
        this.domain = domain;
        this.above = above;
        this.below = below;
    }

    /** Cancels all factors where the number before the fraction is 0. */
    void run(double number) {
        if (above.size() + below.size() > MOST_FACTORS) {
            return;
        }
        if (number == 0 && above.stream().allMatch(domain::isFinite) && below.stream().allMatch(this::isCancelled)) {
            above.clear();
            below.clear();
        }
        powers();
        hyperbolic();
        ratios();
        conjugates(above);
        conjugates(below);
        powersOfOneLess();
        unitVectors();
    }

    /** 1 / cosh² is written by tanh, whose derivative it is, if the program does not use cosh. */
    private void hyperbolic() {
        for (Node factor : List.copyOf(below)) {
            double n = wholeExponent(factor);
            if (n % 2 == 0 && factor.operand(0).op().name().equals("cosh") && !domain.isWritten("cosh")) {
                Node tanh = graph.call("tanh", factor.operand(0).operand(0));
                above.add(graph.call("pow", graph.call("sub", graph.literal(1), squared(tanh)), graph.literal(n / 2)));
                below.remove(factor);
            }
        }
    }

    /** Two functions of one argument whose quotient is a third one. */
    private void ratios() {
        for (int i = 0; i < above.size(); i++) {
            for (Node under : List.copyOf(below)) {
                Node over = above.get(i);
                boolean isSameArgument = over.operandCount() == 1 && under.operandCount() == 1
                        && over.operand(0).index() == under.operand(0).index();
                Node ratio = isSameArgument ? ratio(over, under) : null;
                if (ratio != null) {
                    above.set(i, ratio);
                    below.remove(under);
                }
            }
        }
    }

    private @Nullable Node ratio(Node over, Node under) {
        Node x = over.operand(0);
        return switch (over.op().name() + " " + under.op().name()) {
            case "sinh cosh" -> domain.isFinite(x) ? graph.call("tanh", x) : null;
            case "sin cos" -> domain.isWritten("sin") ? null : graph.call("tan", x);
            case "cofactor det" -> domain.isNonzero(under) && domain.isFinite(under)
                    ? graph.call("transpose", graph.call("inv", x))
                    : null;
            case "sign abs" -> domain.isNonzero(x) && domain.isFinite(x) ? graph.call("div", graph.literal(1), x) : null;
            default -> null;
        };
    }

    /** (p − q)(p + q) is p² − q², also where both are under roots. */
    private void conjugates(List<Node> factors) {
        for (int i = 0; i < factors.size(); i++) {
            for (int k = 0; k < factors.size(); k++) {
                Node product = conjugate(factors.get(i), factors.get(k));
                if (product != null) {
                    factors.set(Math.min(i, k), product);
                    factors.remove(Math.max(i, k));
                    return;
                }
            }
        }
    }

    private @Nullable Node conjugate(Node less, Node more) {
        if (isRoot(less) && isRoot(more)) {
            Node product = conjugate(less.operand(0), more.operand(0));
            return product != null && domain.isNotNegative(less.operand(0)) && domain.isNotNegative(more.operand(0))
                    ? graph.call("sqrt", product)
                    : null;
        } else if (!less.op().name().equals("sub") || !more.op().name().equals("add")) {
            return null;
        }
        Node p = less.operand(0);
        Node q = less.operand(1);
        Node a = more.operand(0);
        Node b = more.operand(1);
        return isSame(p, a) && isSame(q, b) || isSame(p, b) && isSame(q, a) ? graph.call("sub", squared(p), squared(q)) : null;
    }

    private static boolean isSame(Node a, Node b) {
        return a.index() == b.index() || a.literal().isPresent() && a.literal().equals(b.literal());
    }

    private Node squared(Node x) {
        return graph.call("pow", x, graph.literal(2));
    }

    /** x · x^(n − 1) is x^n. */
    private void powersOfOneLess() {
        for (int i = 0; i < above.size(); i++) {
            Node power = above.get(i);
            boolean isOneLess = power.op().name().equals("pow") && power.operand(1).op().name().equals("sub")
                    && power.operand(1).operand(1).isLiteral(1);
            int base = isOneLess ? at(above, power.operand(0)) : -1;
            if (base >= 0 && isCancelled(power.operand(0)) && domain.isFinite(power.operand(1))) {
                above.set(i, graph.call("pow", power.operand(0), power.operand(1).operand(0)));
                above.remove(base);
                return;
            }
        }
    }

    private static int at(List<Node> factors, Node x) {
        for (int i = 0; i < factors.size(); i++) {
            if (factors.get(i).index() == x.index()) {
                return i;
            }
        }
        return -1;
    }

    /** A unit vector times x, over the element of x that it selects, is the unit vector. */
    private void unitVectors() {
        for (Node unit : List.copyOf(above)) {
            Integer place = TextbookRules.place(unit);
            for (Node element : List.copyOf(below)) {
                boolean isElement = place != null && element.op().name().equals("index")
                        && List.of(place).equals(element.op().attributes().get("at"));
                int whole = isElement ? at(above, element.operand(0)) : -1;
                if (whole >= 0 && domain.isFinite(element.operand(0)) && domain.isNonzero(element)) {
                    above.remove(whole);
                    below.remove(element);
                }
            }
        }
    }

    private boolean isCancelled(Node base) {
        return domain.isNonzero(base) && domain.isFinite(base);
    }

    /** Gathers whole and half powers of the same base on one side. */
    private void powers() {
        Map<Integer, Node> bases = new LinkedHashMap<>();
        above.forEach(factor -> bases.put(base(factor).index(), base(factor)));
        below.forEach(factor -> bases.put(base(factor).index(), base(factor)));
        bases.forEach((_, base) -> gather(base));
    }

    private void gather(Node base) {
        List<Node> over = above.stream().filter(factor -> base(factor).index() == base.index()).toList();
        List<Node> under = below.stream().filter(factor -> base(factor).index() == base.index()).toList();
        double up = over.stream().mapToDouble(Cancelling::exponent).sum();
        double down = under.stream().mapToDouble(Cancelling::exponent).sum();
        double left = up - down;
        boolean hasRoot = isWhole(left) && Stream.concat(over.stream(), under.stream()).anyMatch(Cancelling::isRoot);
        boolean isMixed = !over.isEmpty() && !under.isEmpty();
        boolean joinsRoots = hasRoot && over.size() + under.size() > 1;
        if (!isMixed && !joinsRoots || isMixed && !isCancelled(base) || hasRoot && !domain.isNotNegative(base)) {
            return;
        }
        int place = over.isEmpty() ? above.size() : at(above, over.getFirst());
        above.removeAll(over);
        below.removeAll(under);
        List<Node> side = left > 0 ? above : below;
        write(side, Math.min(place, side.size()), base, Math.abs(left));
    }

    private void write(List<Node> side, int place, Node base, double exponent) {
        double whole = Math.floor(exponent);
        if (whole < exponent) {
            side.add(place, graph.call("sqrt", base));
        }
        if (whole > 0) {
            side.add(place, whole == 1 ? base : graph.call("pow", base, graph.literal(whole)));
        }
    }

    private static boolean isWhole(double x) {
        return x == Math.rint(x);
    }

    private static Node base(Node factor) {
        return exponent(factor) == 1 ? factor : factor.operand(0);
    }

    private static double exponent(Node factor) {
        return isRoot(factor) ? 0.5 : wholeExponent(factor);
    }

    private static boolean isRoot(Node factor) {
        return factor.op().name().equals("sqrt");
    }

    /** The exponent of a power whose exponent is a whole number above 1; 1 for other nodes. */
    static double wholeExponent(Node factor) {
        boolean isPower = factor.op().name().equals("pow") && factor.operand(1).op() instanceof Leaf.Literal(double n) && n >= 2
                && n == Math.rint(n);
        return isPower ? factor.operand(1).literal().getAsDouble() : 1;
    }
}
