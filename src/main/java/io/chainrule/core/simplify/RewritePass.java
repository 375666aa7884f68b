package io.chainrule.core.simplify;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a graph once, from its leaves to its result: sums and products are taken apart and written in order, every other node is given
 * to the {@link Rules}. Nodes that the result does not need are left out. An instance rewrites one graph, once.
 */
final class RewritePass {
    private final Graph graph;
    private final int result;
    private final BitSet live = new BitSet();
    /**
     * Nodes from which a path to the result passes through an op that is not a polynomial, where a rounding error could matter at a kink or
     * singularity.
     */
    private final BitSet exact = new BitSet();
    private final int[] uses;
    private final int[] users;
    private final int[] image;
    private final UniqueNodes nodes;
    private final @Nullable Domain domain;
    private final boolean joinsFractions;
    private final Rules rules;

    private enum Kind {
        SUM,
        PRODUCT,
        OTHER
    }

    /**
     * The textbook form: the ops that the program uses, and the conditions of earlier passes. Fractions are joined last, since one over
     * a common divisor no longer cancels with others.
     */
    record Form(Set<String> written, Map<String, Graph> conditions, boolean joinsFractions) {}

    /** @param form null for the stable form, which has no conditions */
    RewritePass(Graph graph, int result, Allowance allowance, @Nullable Form form) {
        this.graph = graph;
        this.result = result;
        this.uses = new int[graph.size()];
        this.users = new int[graph.size()];
        this.image = new int[graph.size()];
        this.nodes = new UniqueNodes(allowance);
        this.domain = form == null ? null : nodes.restrict(form.written, form.conditions);
        this.joinsFractions = form != null && form.joinsFractions;
        this.rules = new Rules(nodes);
        live.set(result);
        for (int i = result; i >= 0; i = live.previousSetBit(i - 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                live.set(operand);
                exact.set(operand, exact.get(operand) || exact.get(i) || !OpCatalogue.has(graph.op(i), Trait.POLYNOMIAL));
                uses[operand]++;
                users[operand] = i;
            }
        }
    }

    /** The conditions of the textbook form after this pass. */
    Map<String, Graph> conditions() {
        return Objects.requireNonNull(domain).conditions();
    }

    /**
     * Applies the rules to every node that the result needs.
     *
     * @param written the number of nodes at the front that are the program; sums of later ones are written in the opposite order
     */
    Graph simplified(int written) {
        for (int i = live.nextSetBit(0); i >= 0; i = live.nextSetBit(i + 1)) {
            if (graph.op(i) instanceof Leaf leaf) {
                image[i] = leaf(i, leaf).index();
            } else if (!isAbsorbed(i)) {
                image[i] = (switch (kind(i)) {
                    case SUM -> sum(i, i >= written);
                    case PRODUCT -> product(i);
                    case OTHER -> rules.node(graph.op(i), graph.shape(i), operands(i));
                }).index();
            }
        }
        return closed();
    }

    private Node leaf(int node, Leaf leaf) {
        return switch (leaf) {
            case Leaf.Literal(double value) -> nodes.literal(value);
            case Leaf.Input(String id, var _) -> nodes.input(id, graph.shape(node));
            case Leaf.Constant constant -> nodes.leaf(constant);
        };
    }

    /**
     * Writes arrays of equal elements as zeros, ones or full, and a result that is a number as a constant, since a literal is not a node
     * that can be a result.
     */
    Graph presented() {
        for (int i = live.nextSetBit(0); i >= 0; i = live.nextSetBit(i + 1)) {
            boolean isFilled = graph.op(i).name().equals("broadcast_to") && graph.isLiteral(graph.operand(i, 0));
            if (graph.op(i) instanceof Leaf leaf) {
                boolean isAlone = i == result && leaf instanceof Leaf.Literal;
                image[i] = (isAlone ? nodes.leaf(Presentation.constant(leaf)) : leaf(i, leaf)).index();
            } else if (isFilled && graph.op(graph.operand(i, 0)) instanceof Leaf.Literal(double value)) {
                image[i] = Presentation.filled(nodes, graph.shape(i), value).index();
            } else {
                image[i] = (domain == null ? nodes.add(graph.op(i), operands(i)) : Presentation.of(nodes, graph.op(i), operands(i)))
                        .index();
            }
        }
        return closed();
    }

    /** The graph without nodes that the result, the last node, does not need. */
    private Graph closed() {
        Graph built = nodes.build();
        RewritePass needed = new RewritePass(built, image[result], Allowance.UNBOUNDED, null);
        for (int i = needed.live.nextSetBit(0); i >= 0; i = needed.live.nextSetBit(i + 1)) {
            needed.image[i] = (built.op(i) instanceof Leaf leaf
                    ? needed.leaf(i, leaf)
                    : needed.nodes.add(built.op(i), needed.operands(i))).index();
        }
        return needed.nodes.build();
    }

    private Node[] operands(int node) {
        Node[] operands = new Node[graph.operandCount(node)];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = nodes.node(image[graph.operand(node, k)]);
        }
        return operands;
    }

    private Kind kind(int node) {
        return switch (graph.op(node).name()) {
            case "add", "sub" -> Kind.SUM;
            case "mul", "neg", "reciprocal" -> Kind.PRODUCT;
            case "div" -> graph.op(graph.operand(node, 0)).name().equals("exp") ? Kind.OTHER : Kind.PRODUCT;
            default -> Kind.OTHER;
        };
    }

    /** Whether the node is part of a larger sum or product, which is taken apart as a whole. */
    private boolean isAbsorbed(int node) {
        return node != result && uses[node] == 1 && kind(node) != Kind.OTHER && kind(node) == kind(users[node]);
    }

    /** One term of a sum or factor of a product. The flag tells whether the node is subtracted from the sum, or divides the product. */
    private record Part(int node, boolean inverse) {}

    /**
     * Takes a sum or product apart. {@code whole} receives its terms or factors in order; {@code open} pushes the operands of a part that
     * is itself such a sum or product.
     */
    private void takeApart(int root, Consumer<Part> whole, BiConsumer<Part, Deque<Part>> open) {
        Deque<Part> pending = new ArrayDeque<>();
        pending.push(new Part(root, false));
        while (!pending.isEmpty()) {
            Part part = pending.pop();
            if (part.node != root && (graph.isLeaf(part.node) || !isAbsorbed(part.node))) {
                whole.accept(part);
            } else {
                open.accept(part, pending);
            }
        }
    }

    /** Pushes both operands. The second one is subtracted or divides if the op is {@code inverse}, which is {@code sub} or {@code div}. */
    private void openPair(Part part, String inverse, Deque<Part> pending) {
        pending.push(new Part(graph.operand(part.node, 1), part.inverse ^ graph.op(part.node).name().equals(inverse)));
        pending.push(new Part(graph.operand(part.node, 0), part.inverse));
    }

    private Node sum(int root, boolean reversed) {
        Terms terms = new Terms(nodes);
        takeApart(root, part -> terms.add(nodes.node(image[part.node]), part.inverse, !graph.isLiteral(part.node)),
                (part, pending) -> openPair(part, "sub", pending));
        if (reversed) {
            terms.reverse();
        }
        return shorter(terms.node(graph.shape(root), exact.get(root)));
    }

    private Node product(int root) {
        Quotient quotient = new Quotient(nodes);
        takeApart(root, part -> quotient.multiply(nodes.node(image[part.node]), part.inverse), (part, pending) -> {
            switch (graph.op(part.node).name()) {
                case "neg" -> {
                    quotient.scaled(-1);
                    pending.push(new Part(graph.operand(part.node, 0), part.inverse));
                }
                case "reciprocal" -> pending.push(new Part(graph.operand(part.node, 0), !part.inverse));
                default -> openPair(part, "div", pending);
            }
        });
        return shorter(quotient.node(graph.shape(root)));
    }

    private Node shorter(Node node) {
        if (domain == null) {
            return node;
        }
        Node shorter = new Expansion(nodes, domain).shorter(node);
        return joinsFractions ? new Fractions(nodes, domain).joined(shorter) : shorter;
    }
}
