package io.chainrule.core.simplify;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes quotients of hyperbolic functions with factors that do not overflow: {@code sinh(x) / cosh(x)^3} is {@code tanh(x) * (1 /
 * cosh(x))^2}. Of the quotient, divisor and dividend are infinite long before its value is too small for a number; and sums of such
 * quotients, as in {@code cosh(x) / cosh(x) - sinh(x)^2 / cosh(x)^2}, lose their digits.
 */
public final class HyperbolicQuotients {
    /** Longer products stay as they are, since each of their nodes is read as a product of its own. */
    private static final int MOST_FACTORS = 64;

    private final Graph graph;
    private final UniqueNodes nodes;
    private final int[] image;

    private HyperbolicQuotients(Graph graph, Allowance allowance) {
        this.graph = graph;
        this.nodes = new UniqueNodes(allowance);
        this.image = new int[graph.size()];
    }

    /** Rewrites a graph whose last node is its result. Where it has no such quotients, it is returned as it is. */
    public static Graph bounded(Graph graph, Allowance allowance) {
        HyperbolicQuotients all = new HyperbolicQuotients(graph, allowance);
        boolean isChanged = false;
        for (int i = 0; i < graph.size(); i++) {
            Product product = all.new Product(i);
            boolean isQuotient = product.isQuotient();
            isChanged |= isQuotient;
            all.image[i] = (isQuotient ? all.nodes.broadcastTo(product.node(), graph.shape(i)) : all.copied(i)).index();
        }
        return isChanged ? live(all.nodes.build(), all.image[graph.size() - 1], allowance) : graph;
    }

    /** Leaves out the nodes that the result does not need. */
    private static Graph live(Graph graph, int result, Allowance allowance) {
        HyperbolicQuotients copy = new HyperbolicQuotients(graph, allowance);
        BitSet results = new BitSet();
        results.set(result);
        BitSet needed = Activity.ancestors(graph, results);
        for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
            copy.image[i] = copy.copied(i).index();
        }
        return copy.nodes.build();
    }

    private Node copied(int node) {
        return switch (graph.op(node)) {
            case Leaf.Literal(double value) -> nodes.literal(value);
            case Leaf.Input(String id, var _) -> nodes.input(id, graph.shape(node));
            case Leaf leaf -> nodes.leaf(leaf);
            default -> {
                Node[] operands = new Node[graph.operandCount(node)];
                for (int k = 0; k < operands.length; k++) {
                    operands[k] = nodes.node(image[graph.operand(node, k)]);
                }
                yield nodes.add(graph.op(node), operands);
            }
        };
    }

    /** The exponents of the hyperbolic functions of one argument in a product. */
    private static final class Exponents {
        private double sinh;
        private double cosh;
        private double tanh;
    }

    /** The factors of a node with whole exponents; those that are hyperbolic functions by their arguments. */
    private final class Product {
        private final Map<Integer, Double> others = new LinkedHashMap<>();
        private final Map<Integer, Double> divisors = new LinkedHashMap<>();
        private final Map<Integer, Exponents> hyperbolic = new LinkedHashMap<>();
        private boolean isNegative;
        private boolean hasDivisor;
        private int count;

        private record Factor(int node, double exponent) {}

        Product(int root) {
            Deque<Factor> pending = new ArrayDeque<>(List.of(new Factor(root, 1)));
            while (!pending.isEmpty() && count <= MOST_FACTORS) {
                Factor factor = pending.pop();
                int node = factor.node;
                switch (graph.op(node).name()) {
                    case "mul", "div" -> {
                        boolean isDivided = graph.op(node).name().equals("div");
                        pending.push(new Factor(graph.operand(node, 1), isDivided ? -factor.exponent : factor.exponent));
                        pending.push(new Factor(graph.operand(node, 0), factor.exponent));
                    }
                    case "neg" -> {
                        isNegative ^= factor.exponent % 2 != 0;
                        pending.push(new Factor(graph.operand(node, 0), factor.exponent));
                    }
                    case "pow" -> {
                        if (graph.op(graph.operand(node, 1)) instanceof Leaf.Literal(double n) && n > 0 && n == Math.rint(n)) {
                            pending.push(new Factor(graph.operand(node, 0), factor.exponent * n));
                        } else {
                            add(factor);
                        }
                    }
                    default -> add(factor);
                }
            }
        }

        private void add(Factor factor) {
            count++;
            int node = factor.node;
            double n = factor.exponent;
            switch (graph.op(node).name()) {
                case "sinh" -> exponents(node).sinh += n;
                case "tanh" -> exponents(node).tanh += n;
                case "cosh" -> {
                    hasDivisor |= n < 0;
                    exponents(node).cosh += n;
                }
                default -> (n < 0 ? divisors : others).merge(node, Math.abs(n), Double::sum);
            }
        }

        private Exponents exponents(int function) {
            return hyperbolic.computeIfAbsent(graph.operand(function, 0), _ -> new Exponents());
        }

        boolean isQuotient() {
            return hasDivisor && count <= MOST_FACTORS;
        }

        Node node() {
            List<Node> above = new ArrayList<>();
            List<Node> below = new ArrayList<>();
            others.forEach((factor, n) -> power(above, nodes.node(image[factor]), n));
            divisors.forEach((factor, n) -> power(below, nodes.node(image[factor]), n));
            hyperbolic.forEach((argument, exponents) -> {
                Node x = nodes.node(image[argument]);
                double both = Math.max(0, Math.min(-exponents.cosh, exponents.sinh));
                double sinh = exponents.sinh - both;
                double cosh = exponents.cosh + both;
                double tanh = exponents.tanh + both;
                power(tanh < 0 ? below : above, nodes.call("tanh", x), Math.abs(tanh));
                power(sinh < 0 ? below : above, nodes.call("sinh", x), Math.abs(sinh));
                Node base = nodes.call("cosh", x);
                power(above, cosh < 0 ? nodes.call("div", nodes.literal(1), base) : base, Math.abs(cosh));
            });
            Node product = product(above);
            Node quotient = below.isEmpty() ? product : nodes.call("div", product, product(below));
            return isNegative ? nodes.call("neg", quotient) : quotient;
        }

        private void power(List<Node> factors, Node base, double exponent) {
            if (exponent > 0 && !base.isLiteral(1)) {
                factors.add(exponent == 1 ? base : nodes.call("pow", base, nodes.literal(exponent)));
            }
        }

        private Node product(List<Node> factors) {
            return factors.stream().reduce((a, b) -> nodes.call("mul", a, b)).orElseGet(() -> nodes.literal(1));
        }
    }
}
