package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sums of fractions over one divisor, and exponentials that all terms have in front of the sum: for the textbook form. */
final class Fractions {
    private static final int MOST_NODES = 60;
    private static final int MOST_TERMS = 6;
    private static final int MOST_DIVISORS = 4;
    private static final int MOST_EXPONENT = 100;

    private final UniqueNodes graph;
    private final Domain domain;

    Fractions(UniqueNodes graph, Domain domain) {
        this.graph = graph;
        this.domain = domain;
    }

    /** A divisor and its exponent. */
    private record Power(Node base, int exponent) {}

    private record Term(boolean isNegative, List<Node> factors, Map<Integer, Power> divisors) {
        Quotient without(UniqueNodes graph, @Nullable Node left) {
            Quotient product = new Quotient(graph);
            boolean isLeft = left == null;
            for (Node factor : factors) {
                if (isLeft || left != null && factor.index() != left.index()) {
                    product.multiply(factor, false);
                } else {
                    isLeft = true;
                }
            }
            return product;
        }

        boolean has(Node factor) {
            return factors.stream().anyMatch(other -> other.index() == factor.index());
        }
    }

    /** The sum as one fraction or product, if that is no longer; other nodes as they are. */
    Node joined(Node node) {
        int size = Expansion.size(node);
        List<Term> terms = size > MOST_NODES ? List.of() : terms(node);
        if (terms.size() < 2 || terms.size() > MOST_TERMS) {
            return node;
        }
        int mark = domain.mark();
        Node fraction = overOne(terms, node.shape());
        if (fraction != null && Expansion.size(fraction) < size + (sharesDivisor(terms) ? 1 : 0)) {
            return fraction;
        }
        domain.reset(mark);
        Node product = factored(terms, node.shape());
        if (product != null && Expansion.size(product) <= size) {
            return product;
        }
        domain.reset(mark);
        return node;
    }

    private List<Term> terms(Node sum) {
        List<Term> terms = new ArrayList<>();
        Node left = sum;
        while (isOp("add", left) || isOp("sub", left)) {
            terms.addFirst(term(left.operand(1), isOp("sub", left)));
            left = left.operand(0);
        }
        terms.addFirst(term(left, false));
        return terms;
    }

    private static boolean isOp(String op, Node x) {
        return x.op().name().equals(op);
    }

    /** Takes a product of fractions apart, nested ones too. */
    private static Term term(Node node, boolean isNegative) {
        List<Node> factors = new ArrayList<>();
        Map<Integer, Power> divisors = new LinkedHashMap<>();
        boolean isMinus = isNegative;
        Deque<Node> above = new ArrayDeque<>(List.of(node));
        while (!above.isEmpty()) {
            Node factor = above.pop();
            switch (factor.op().name()) {
                case "mul" -> {
                    above.push(factor.operand(1));
                    above.push(factor.operand(0));
                }
                case "neg" -> {
                    isMinus = !isMinus;
                    above.push(factor.operand(0));
                }
                case "div" -> {
                    above.push(factor.operand(0));
                    Node below = factor.operand(1);
                    while (isOp("mul", below)) {
                        divide(divisors, below.operand(1));
                        below = below.operand(0);
                    }
                    divide(divisors, below);
                }
                default -> factors.add(factor);
            }
        }
        return new Term(isMinus, factors, divisors);
    }

    private static void divide(Map<Integer, Power> divisors, Node factor) {
        double n = Cancelling.wholeExponent(factor);
        int exponent = n < MOST_EXPONENT ? (int) n : 1;
        Node base = exponent == 1 ? factor : factor.operand(0);
        divisors.merge(base.index(), new Power(base, exponent), (a, b) -> new Power(base, a.exponent + b.exponent));
    }

    private static boolean sharesDivisor(List<Term> terms) {
        Set<Integer> seen = new HashSet<>();
        return terms.stream().anyMatch(term -> term.divisors.keySet().stream().filter(base -> !seen.add(base)).count() > 0);
    }

    /** Null where no term has a divisor, or one is a number. */
    private @Nullable Node overOne(List<Term> terms, Shape shape) {
        Map<Integer, Power> common = new LinkedHashMap<>();
        for (Term term : terms) {
            for (Power power : term.divisors.values()) {
                Power other = common.get(power.base.index());
                common.put(power.base.index(), other == null || other.exponent < power.exponent ? power : other);
            }
        }
        boolean isNumber = common.values().stream().anyMatch(power -> power.base.literal().isPresent());
        if (common.isEmpty() || common.size() > MOST_DIVISORS || isNumber) {
            return null;
        }
        Node sum = null;
        for (Term term : terms) {
            Quotient product = term.without(graph, null);
            for (Power power : common.values()) {
                Power own = term.divisors.get(power.base.index());
                int missing = power.exponent - (own == null ? 0 : own.exponent);
                if (missing > 0 && !(domain.isNonzero(power.base) && domain.isFinite(power.base))) {
                    return null;
                }
                for (int i = 0; i < missing; i++) {
                    product.multiply(power.base, false);
                }
            }
            Node value = product.node(natural(term.factors, common));
            sum = sum == null
                    ? term.isNegative ? graph.call("neg", value) : value
                    : graph.call(term.isNegative ? "sub" : "add", sum, value);
        }
        Quotient whole = Quotient.of(graph, new Expansion(graph, domain).shorter(Objects.requireNonNull(sum)));
        for (Power power : common.values()) {
            for (int i = 0; i < power.exponent; i++) {
                whole.multiply(power.base, true);
            }
        }
        return whole.node(shape);
    }

    private static Shape natural(List<Node> factors, Map<Integer, Power> divisors) {
        Shape shape = shapeWithout(null, factors);
        for (Power power : divisors.values()) {
            shape = shape.broadcast(power.base.shape());
        }
        return shape;
    }

    private static Shape shapeWithout(@Nullable Node left, List<Node> factors) {
        return factors.stream().filter(factor -> left == null || factor.index() != left.index()).map(Node::shape)
                .reduce(Shape.SCALAR, Shape::broadcast);
    }

    /** Null where no exponential is a factor of all terms. */
    private @Nullable Node factored(List<Term> terms, Shape shape) {
        Node common = terms.getFirst().factors.stream()
                .filter(factor -> isExponential(factor) && terms.stream().allMatch(term -> term.has(factor))).findFirst().orElse(null);
        if (common == null || !common.shape().equals(shape) || terms.stream().anyMatch(term -> !term.divisors.isEmpty())
                || !isFinite(common)) {
            return null;
        }
        Terms rest = new Terms(graph);
        Shape natural = Shape.SCALAR;
        for (Term term : terms) {
            Shape own = shapeWithout(common, term.factors);
            natural = natural.broadcast(own);
            rest.add(term.without(graph, common).node(own), term.isNegative, true);
        }
        Quotient whole = new Quotient(graph);
        whole.multiply(common, false);
        whole.multiply(rest.node(natural, true), false);
        return whole.node(shape);
    }

    private boolean isFinite(Node exponential) {
        Node x = exponential.operand(0);
        return domain.isFinite(x) && (isOp("exp", exponential) || domain.isNonzero(x) && domain.isFinite(exponential.operand(1)));
    }

    private static boolean isExponential(Node factor) {
        return isOp("exp", factor) || isOp("pow", factor) && factor.operand(1).literal().isEmpty();
    }
}
