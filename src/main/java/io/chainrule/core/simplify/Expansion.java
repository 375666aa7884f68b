package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Multiplies sums out where terms then cancel, so that the text becomes shorter: for the textbook form. */
final class Expansion {
    private static final int MOST_TERMS = 12;
    private static final int MOST_NODES = 60;
    private static final Comparator<Node> BY_AGE = Comparator.comparingInt(Node::index);

    private final UniqueNodes graph;
    private final Domain domain;

    Expansion(UniqueNodes graph, Domain domain) {
        this.graph = graph;
        this.domain = domain;
    }

    /** A number over a divisor, times nodes, some of which divide. */
    private record Monomial(double number, double divisor, List<Node> above, List<Node> below) {
        Monomial times(Monomial other) {
            return new Monomial(number * other.number, divisor * other.divisor, joined(above, other.above), joined(below, other.below));
        }

        Monomial inverse() {
            return new Monomial(divisor, number, below, above);
        }

        private static List<Node> joined(List<Node> a, List<Node> b) {
            List<Node> all = new ArrayList<>(a);
            all.addAll(b);
            return all;
        }
    }

    /** The node, or what it is when multiplied out, if that is shorter. */
    Node shorter(Node node) {
        int size = size(node);
        List<Monomial> terms = size > MOST_NODES || !mixes(node) ? null : expanded(node);
        if (terms == null || terms.size() < 2 || terms.size() > MOST_TERMS) {
            return node;
        }
        int mark = domain.mark();
        Node sum = collected(terms, node.shape());
        if (sum != null && size(sum) < size) {
            return sum;
        }
        domain.reset(mark);
        return node;
    }

    /** The sum of the terms, with a factor that is common to all numbers in front; null if nothing cancels and there is none. */
    private @Nullable Node collected(List<Monomial> terms, Shape shape) {
        int stated = domain.stated();
        double common = Math.abs(terms.getFirst().number);
        double divisor = terms.getFirst().divisor;
        boolean isCommon = (common != 1 || divisor != 1) && common != 0 && Double.isFinite(common);
        Terms sum = new Terms(graph);
        Shape natural = Shape.SCALAR;
        for (Monomial term : terms) {
            isCommon &= Math.abs(term.number) == common && term.divisor == divisor && !(term.above.isEmpty() && term.below.isEmpty());
            natural = natural.broadcast(natural(term));
        }
        for (Monomial term : terms) {
            Quotient quotient = new Quotient(graph);
            quotient.multiply(graph.literal(isCommon ? Math.signum(term.number) : term.number), false);
            quotient.multiply(graph.literal(isCommon ? 1 : term.divisor), true);
            term.above.stream().sorted(BY_AGE).forEach(factor -> quotient.multiply(factor, false));
            term.below.stream().sorted(BY_AGE).forEach(factor -> quotient.multiply(factor, true));
            sum.add(quotient.node(natural(term)), false, false);
        }
        if (!isCommon && sum.size() == terms.size() && domain.stated() == stated) {
            return null;
        }
        Node whole = sum.node(natural, true);
        Quotient quotient = new Quotient(graph);
        if (isCommon) {
            boolean isShare = common < 1 && divisor == 1 && 1 / common == Math.rint(1 / common);
            quotient.multiply(graph.literal(isShare ? 1 / common : common), isShare);
            quotient.multiply(graph.literal(divisor), true);
        }
        quotient.multiply(whole, false);
        return isCommon ? quotient.node(shape) : graph.broadcastTo(whole, shape);
    }

    private static Shape natural(Monomial term) {
        Shape shape = Shape.SCALAR;
        for (Node factor : Monomial.joined(term.above, term.below)) {
            shape = shape.broadcast(factor.shape());
        }
        return shape;
    }

    /** Whether the node is a sum, or a product with a sum as a factor. */
    private static boolean mixes(Node node) {
        return switch (node.op().name()) {
            case "add", "sub" -> true;
            case "neg" -> mixes(node.operand(0));
            case "mul" -> hasSum(node.operand(0)) || hasSum(node.operand(1));
            case "div" -> hasSum(node.operand(0));
            default -> false;
        };
    }

    private static boolean hasSum(Node node) {
        return switch (node.op().name()) {
            case "add", "sub" -> true;
            case "neg", "div" -> hasSum(node.operand(0));
            case "mul" -> hasSum(node.operand(0)) || hasSum(node.operand(1));
            default -> false;
        };
    }

    private static @Nullable List<Monomial> expanded(Node node) {
        return switch (node.op().name()) {
            case "add", "sub" -> {
                List<Monomial> a = expanded(node.operand(0));
                List<Monomial> b = expanded(node.operand(1));
                if (a == null || b == null) {
                    yield null;
                }
                double sign = node.op().name().equals("sub") ? -1 : 1;
                List<Monomial> all = new ArrayList<>(a);
                b.forEach(term -> all.add(new Monomial(sign * term.number, term.divisor, term.above, term.below)));
                yield all.size() > MOST_TERMS ? null : all;
            }
            case "neg" -> {
                List<Monomial> a = expanded(node.operand(0));
                yield a == null ? null : a.stream().map(term -> new Monomial(-term.number, term.divisor, term.above, term.below)).toList();
            }
            case "mul" -> product(expanded(node.operand(0)), expanded(node.operand(1)));
            case "div" -> {
                Monomial divisor = new Monomial(1, 1, List.of(), List.of());
                Deque<Node> factors = new ArrayDeque<>(List.of(node.operand(1)));
                while (!factors.isEmpty()) {
                    Node factor = factors.pop();
                    if (factor.op().name().equals("mul")) {
                        factors.push(factor.operand(1));
                        factors.push(factor.operand(0));
                    } else {
                        divisor = divisor.times(atom(factor));
                    }
                }
                yield product(expanded(node.operand(0)), List.of(divisor.inverse()));
            }
            default -> List.of(atom(node));
        };
    }

    private static Monomial atom(Node node) {
        return node.literal().isPresent() && node.literal().getAsDouble() != 0
                ? new Monomial(node.literal().getAsDouble(), 1, List.of(), List.of())
                : new Monomial(1, 1, List.of(node), List.of());
    }

    private static @Nullable List<Monomial> product(@Nullable List<Monomial> a, @Nullable List<Monomial> b) {
        if (a == null || b == null || a.size() * b.size() > MOST_TERMS) {
            return null;
        }
        return a.stream().flatMap(x -> b.stream().map(x::times)).toList();
    }

    /** The number of nodes of the text, up to a bound. */
    static int size(Node node) {
        int size = 0;
        Deque<Node> pending = new ArrayDeque<>(List.of(node));
        while (!pending.isEmpty() && size <= MOST_NODES) {
            Node next = pending.pop();
            size++;
            for (int k = 0; k < next.operandCount(); k++) {
                pending.push(next.operand(k));
            }
        }
        return size;
    }
}
