package io.chainrule.core.simplify;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * A fraction of products of numbers and powers, ordered as people write them: the number first, then variables, then other factors. Only
 * the textbook form cancels factors, since x / x is NaN at 0.
 */
final class Quotient {
    /** Longer products keep their {@code broadcast_to}, since looking for a factor of the same shape would take quadratic time. */
    private static final int MOST_STRETCHED = 64;
    /** The factors that are read back from a product; the rest stays one, since long products share their beginnings. */
    private static final int MOST_FACTORS = 64;
    private static final int MOST_HALVES = 20;
    /** Every whole number below 2⁵³ is a double. */
    private static final double WHOLE = 1L << 53;

    private final UniqueNodes graph;
    private double number = 1;
    private double divisor = 1;
    private final List<Node> above = new ArrayList<>();
    private final List<Node> below = new ArrayList<>();

    Quotient(UniqueNodes graph) {
        this.graph = graph;
    }

    /** Reads the fraction back from a node that {@link #node} wrote. */
    static Quotient of(UniqueNodes graph, Node node) {
        Quotient quotient = new Quotient(graph);
        Node numerator = node;
        if (node.op().name().equals("div")) {
            numerator = node.operand(0);
            quotient.factors(node.operand(1), true);
        }
        quotient.factors(numerator, false);
        return quotient;
    }

    private void factors(Node product, boolean inverted) {
        List<Node> found = new ArrayList<>();
        Node left = product;
        while (left.op().name().equals("mul") && found.size() < MOST_FACTORS) {
            found.add(left.operand(1));
            left = left.operand(0);
        }
        if (left.op().name().equals("neg")) {
            number = -number;
            left = left.operand(0);
        }
        found.add(left);
        found.reversed().forEach(factor -> multiply(factor, inverted));
    }

    /** Multiplies by a factor, or divides by it, and splits off its numbers: of {@code 2 * x} and {@code x / 2} only x becomes a factor. */
    void multiply(Node part, boolean inverted) {
        Node factor = part;
        if (part.op().name().equals("neg")) {
            number = -number;
            factor = part.operand(0);
        } else if (part.op().name().equals("mul") && part.operand(0).literal().isPresent()) {
            multiply(part.operand(0), inverted);
            factor = part.operand(1);
        } else if (part.op().name().equals("div") && part.operand(1).literal().isPresent()) {
            multiply(part.operand(1), !inverted);
            multiply(part.operand(0), inverted);
            return;
        }
        OptionalDouble literal = factor.literal();
        if (literal.isPresent()) {
            number *= inverted ? 1 : literal.getAsDouble();
            divisor *= inverted ? literal.getAsDouble() : 1;
        } else {
            (inverted ? below : above).add(factor);
        }
    }

    /** Whether the fraction consists of numbers only. */
    boolean isNumber() {
        return above.isEmpty() && below.isEmpty();
    }

    boolean hasFactor(Predicate<Node> test) {
        return above.stream().anyMatch(test);
    }

    boolean hasDivisor(Node x) {
        return below.stream().anyMatch(divisor -> divisor.index() == x.index());
    }

    double number() {
        return number;
    }

    /** The fraction without the number in its numerator. */
    Quotient withoutNumber() {
        Quotient rest = new Quotient(graph);
        rest.divisor = divisor;
        rest.above.addAll(above);
        rest.below.addAll(below);
        return rest;
    }

    /** Whether the fraction has a number other than 1, or a factor or divisor that is a scalar. */
    boolean hasScalars() {
        return number != 1 || divisor != 1 || above.stream().anyMatch(Quotient::isScalar) || below.stream().anyMatch(Quotient::isScalar);
    }

    private static boolean isScalar(Node factor) {
        return factor.shape().isScalar();
    }

    /** The fraction of the factors and divisors that are arrays. */
    Quotient withoutScalars() {
        Quotient rest = new Quotient(graph);
        above.stream().filter(factor -> !isScalar(factor)).forEach(rest.above::add);
        below.stream().filter(factor -> !isScalar(factor)).forEach(rest.below::add);
        return rest;
    }

    /** The numbers and scalars of this fraction, which {@link #withoutScalars} leaves out, times another node. */
    Quotient timesScalars(Node other) {
        Quotient product = of(graph, other);
        product.number *= number;
        product.divisor *= divisor;
        above.stream().filter(Quotient::isScalar).forEach(product.above::add);
        below.stream().filter(Quotient::isScalar).forEach(product.below::add);
        return product;
    }

    Quotient scaled(double factor) {
        number *= factor;
        return this;
    }

    Node node(Shape shape) {
        Domain domain = graph.domain();
        if (domain != null) {
            new Cancelling(graph, domain, above, below).run(number);
        }
        unstretch(above, false, shape);
        unstretch(below, true, shape);
        if (!isNumber() && isStretchedScalar(above) && isStretchedScalar(below) && !shape.isScalar()) {
            above.replaceAll(Quotient::small);
            below.replaceAll(Quotient::small);
            return graph.broadcastTo(node(Shape.SCALAR), shape);
        }
        cancelNumbers();
        sort(above);
        sort(below);
        if (above.isEmpty() && below.isEmpty() && divisor == 1) {
            // Adding 0 turns -0 into 0.
            return graph.broadcastTo(graph.literal(number + 0.0), shape);
        }
        List<Node> numerator = powers(above);
        List<Node> denominator = powers(below);
        if (divisor != 1) {
            denominator.addFirst(graph.literal(divisor));
        }
        if (number == -1 && !numerator.isEmpty()) {
            numerator.set(0, graph.call("neg", numerator.getFirst()));
        } else if (number != 1 || numerator.isEmpty()) {
            numerator.addFirst(graph.literal(number));
        }
        Node product = product(numerator);
        Node quotient = denominator.isEmpty() ? product : graph.call("div", product, product(denominator));
        return graph.broadcastTo(quotient, shape);
    }

    /** Whether all factors are scalars, possibly broadcast; then their product can be broadcast instead. */
    private static boolean isStretchedScalar(List<Node> factors) {
        return factors.stream().allMatch(factor -> isScalar(small(factor)) && small(factor).literal().isEmpty());
    }

    private static Node small(Node factor) {
        return factor.op().name().equals("broadcast_to") ? factor.operand(0) : factor;
    }

    private Node product(List<Node> factors) {
        Node product = factors.getFirst();
        for (Node factor : factors.subList(1, factors.size())) {
            product = graph.call("mul", product, factor);
        }
        return product;
    }

    /** Reduces a fraction of whole numbers to lowest terms, and to one number where that is exact and short. */
    private void cancelNumbers() {
        if (divisor == 1 || divisor == 0 || !Double.isFinite(number) || !Double.isFinite(divisor)) {
            return;
        }
        if (divisor < 0) {
            number = -number;
            divisor = -divisor;
        }
        double largest = Math.max(Math.abs(number), divisor);
        for (int i = 0; i < MOST_HALVES && largest < WHOLE && !(isWhole(number) && isWhole(divisor)); i++) {
            number *= 2;
            divisor *= 2;
        }
        if (!isWhole(number) || !isWhole(divisor)) {
            number /= divisor;
            divisor = 1;
            return;
        }
        long common = gcd((long) Math.abs(number), (long) divisor);
        number /= common;
        divisor /= common;
        boolean isHalved = divisor <= 16 && Long.bitCount((long) divisor) == 1;
        boolean isShort = isHalved && (above.isEmpty() || Math.abs(number) != 1);
        if (isShort) {
            number /= divisor;
            divisor = 1;
        }
    }

    private static boolean isWhole(double x) {
        return x == Math.rint(x) && Math.abs(x) < WHOLE;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** Drops a {@code broadcast_to} if the other factors give the product its shape anyway. */
    private void unstretch(List<Node> side, boolean inverted, Shape shape) {
        for (int i = 0; i < side.size() && above.size() + below.size() <= MOST_STRETCHED; i++) {
            Node factor = side.get(i);
            if (!factor.op().name().equals("broadcast_to")) {
                continue;
            }
            Node small = factor.operand(0);
            boolean isNumber = small.literal().isPresent();
            side.remove(i);
            if (common().equals(shape)) {
                if (isNumber) {
                    multiply(small, inverted);
                    i--;
                } else {
                    side.add(i, small);
                }
            } else if (isNumber && !inverted && (divisor == 1 || divisor != 0 && small.isLiteral(0))) {
                side.add(i, graph.broadcastTo(graph.literal(number * small.literal().getAsDouble()), factor.shape()));
                number = 1;
                divisor = 1;
            } else {
                side.add(i, factor);
            }
        }
    }

    private Shape common() {
        Shape common = Shape.SCALAR;
        for (List<Node> side : List.of(above, below)) {
            for (Node factor : side) {
                common = common.broadcast(factor.shape());
            }
        }
        return common;
    }

    /** Variables and their powers come first. */
    private static void sort(List<Node> factors) {
        factors.sort(Comparator.comparingInt(factor -> base(factor).op() instanceof Leaf ? base(factor).index() : Integer.MAX_VALUE));
    }

    private static Node base(Node factor) {
        return factor.op().name().equals("pow") && factor.operand(1).literal().isPresent() ? factor.operand(0) : factor;
    }

    /** Writes equal factors as one power. Only whole exponents are added: for others the sum is wrong where the base is negative. */
    private List<Node> powers(List<Node> factors) {
        Map<Integer, Node> bases = new LinkedHashMap<>();
        Map<Integer, Double> exponents = new HashMap<>();
        for (Node factor : factors) {
            Node base = Cancelling.wholeExponent(factor) == 1 ? factor : factor.operand(0);
            bases.put(base.index(), base);
            exponents.merge(base.index(), Cancelling.wholeExponent(factor), Double::sum);
        }
        List<Node> powers = new ArrayList<>();
        bases.forEach((index, base) -> {
            double n = exponents.getOrDefault(index, 1.0);
            powers.add(n == 1 ? base : graph.call("pow", base, graph.literal(n)));
        });
        return powers;
    }
}
