package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sum of nodes with numeric factors. Equal terms are collected. Terms cancel only in the textbook form, because x − x is NaN where x is
 * infinite.
 */
final class Terms {
    private static final int MOST_STRETCHED = 64;

    private final UniqueNodes graph;
    private final List<Term> terms = new ArrayList<>();
    private final Map<Integer, Integer> places = new HashMap<>();
    private int literal = -1;
    private boolean endsWithLiteral;

    /** {@code node} is null for a number without a node. */
    private record Term(double factor, @Nullable Node node) {}

    Terms(UniqueNodes graph) {
        this.graph = graph;
    }

    /** Adds a term; a number that {@code isNew} because its factors have been cancelled is written last. */
    void add(Node node, boolean negated, boolean isNew) {
        endsWithLiteral |= isNew && node.literal().isPresent();
        double sign = negated ? -1 : 1;
        if (node.literal().isPresent()) {
            double value = sign * node.literal().getAsDouble();
            if (literal < 0) {
                literal = terms.size();
                terms.add(new Term(value, null));
            } else {
                terms.set(literal, new Term(terms.get(literal).factor + value, null));
            }
            return;
        }
        Quotient quotient = Quotient.of(graph, node);
        double factor = quotient.number();
        boolean hasFactor = factor != 1 && factor != 0 && Double.isFinite(factor);
        Node rest = hasFactor ? quotient.withoutNumber().node(node.shape()) : node;
        add(sign * (hasFactor ? factor : 1), rest);
    }

    private void add(double factor, Node rest) {
        Integer place = places.get(rest.index());
        Domain domain = graph.domain();
        boolean cancels = place != null && terms.get(place).factor + factor == 0;
        if (place == null || cancels && (domain == null || !domain.isFinite(rest))) {
            places.putIfAbsent(rest.index(), terms.size());
            terms.add(new Term(factor, rest));
        } else {
            terms.set(place, new Term(terms.get(place).factor + factor, rest));
        }
    }

    /** The number of terms, without those that have cancelled. */
    int size() {
        return (int) terms.stream().filter(term -> term.factor != 0).count();
    }

    void reverse() {
        Collections.reverse(terms);
    }

    /**
     * Builds the sum. {@code isExact} says that a rounding error matters where the sum is 0, because an op with a kink or singularity there
     * reads it.
     */
    Node node(Shape shape, boolean isExact) {
        unstretch(shape);
        if (terms.size() > 1) {
            terms.removeIf(term -> term.node == null && term.factor == 0);
        }
        if (graph.domain() != null) {
            terms.removeIf(term -> term.node != null && term.factor == 0);
            terms.stream().filter(term -> endsWithLiteral && term.node == null).findFirst().ifPresent(number -> {
                terms.remove(number);
                terms.add(number);
            });
        }
        int first = 0;
        while (first < terms.size() && terms.get(first).factor < 0) {
            first++;
        }
        if (first > 0 && first < terms.size()) {
            terms.addFirst(terms.remove(first));
        }
        Node sum = null;
        for (Term term : terms) {
            boolean subtracted = sum != null && term.factor < 0;
            Node value = value(subtracted ? -term.factor : term.factor, term.node);
            sum = sum == null ? value : graph.call(subtracted ? "sub" : "add", sum, value);
        }
        return graph.broadcastTo(sum == null ? graph.literal(0) : isExact && graph.domain() == null ? sum : unshifted(sum), shape);
    }

    private Node unshifted(Node sum) {
        Deviation deviation = terms.size() == 2 ? Deviation.of(sum) : null;
        Node simpler = deviation == null ? null : deviation.unshifted(graph, sum.operand(1).operand(1));
        return simpler == null ? sum : simpler;
    }

    private Node value(double factor, @Nullable Node node) {
        return node == null
                ? graph.literal(factor)
                : factor == 1 ? node : Quotient.of(graph, node).scaled(factor).node(node.shape());
    }

    private void unstretch(Shape shape) {
        for (int i = 0; i < terms.size() && terms.size() <= MOST_STRETCHED; i++) {
            Term term = terms.get(i);
            if (term.node == null || !term.node.op().name().equals("broadcast_to")) {
                continue;
            }
            Shape others = Shape.SCALAR;
            for (int k = 0; k < terms.size(); k++) {
                Node other = terms.get(k).node;
                others = k == i || other == null ? others : others.broadcast(other.shape());
            }
            if (others.equals(shape)) {
                Node small = term.node.operand(0);
                terms.set(i, small.literal().isPresent()
                        ? new Term(term.factor * small.literal().getAsDouble(), null)
                        : new Term(term.factor, small));
            }
        }
    }
}
