package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An op that computes each element of the result from one element of each operand. Its Jacobian by an operand is diagonal, so one rule for
 * each operand serves both VJP and JVP: it multiplies a cotangent or tangent t elementwise.
 */
public final class Elementwise implements Op, ElementLoop {

    /** Scales t by the partial derivative, given the operands x and the result y; null where it is zero. */
    @FunctionalInterface
    interface Rule {
        @Nullable
        Node scale(Node t, Node[] x, Node y);
    }

    /** A partial derivative, given the operands x and the result y. */
    @FunctionalInterface
    interface Partial {
        Node of(Node[] x, Node y);
    }

    /** A function of three numbers. */
    @FunctionalInterface
    interface Ternary {
        double apply(double a, double b, double c);
    }

    /** Roughly the time of one element of a usual function, in the operations of a processor. */
    private static final int FLOPS = 4;

    private final String name;
    private final Map<String, Object> attributes;
    private final int arity;
    private final ElementFunction function;
    /** A rule for each operand; null if the derivative by it is zero everywhere. */
    private final @Nullable Rule[] rules;
    private @Nullable Partial kink;
    private @Nullable Circuit circuit;
    private Accuracy accuracy = Accuracy.smooth(4);
    private int[] absorbing = {};

    private Elementwise(String name, Map<String, Object> attributes, int arity, ElementFunction function) {
        this.name = name;
        this.attributes = attributes;
        this.arity = arity;
        this.function = function;
        this.rules = new Rule[arity];
    }

    static Elementwise unary(String name, Map<String, Object> attributes, DoubleUnaryOperator f) {
        return new Elementwise(name, attributes, 1, new ElementFunction.One(f, null, null));
    }

    /** An op of one operand whose arrays have a form that computes the same bits. */
    static Elementwise unary(String name, Map<String, Object> attributes, DoubleUnaryOperator f, KernelLoop arrays) {
        return new Elementwise(name, attributes, 1, new ElementFunction.One(f, null, arrays));
    }

    static Elementwise unary(String name, Map<String, Object> attributes, Kernels.Unary kernel) {
        return new Elementwise(name, attributes, 1, ElementFunction.One.of(kernel));
    }

    static Elementwise binary(String name, Kernels.@Nullable Binary kernel, DoubleBinaryOperator f) {
        return binary(name, Map.of(), kernel, f);
    }

    static Elementwise binary(String name, Map<String, Object> attributes, Kernels.@Nullable Binary kernel, DoubleBinaryOperator f) {
        return new Elementwise(name, attributes, 2, new ElementFunction.Two(f, kernel));
    }

    /**
     * An op whose value is its first operand, which is a function of the other operands. Its derivatives by those are given by rules, so
     * that nothing differentiates the expression that computed the value.
     */
    static Elementwise given(String name, int variables) {
        return new Elementwise(name, Map.of(), 1 + variables, new ElementFunction.First()).circuit(x -> x[0]).accuracy(Accuracy.EXACT);
    }

    /** {@code where}: the second operand where the first is not 0, else the third. */
    static Elementwise select(String name) {
        return new Elementwise(name, Map.of(), 3, new ElementFunction.Select());
    }

    static Elementwise ternary(String name, Ternary f) {
        return new Elementwise(name, Map.of(), 3, new ElementFunction.Three(f));
    }

    /** Gives the derivative by an operand as a rule. Ops that mask elements need one that selects, since 0 · ∞ would be NaN. */
    Elementwise rule(int operand, Rule rule) {
        rules[operand] = rule;
        return this;
    }

    /**
     * Gives the derivative by an operand as a factor. It is applied by the strong product, so that a cotangent or tangent of zero stays
     * zero even if the factor is infinite or NaN.
     */
    Elementwise partial(int operand, Partial partial) {
        return rule(operand, (t, x, y) -> Maths.strong(t, partial.of(x, y)));
    }

    Elementwise kinkWhere(Partial mask) {
        kink = mask;
        return this;
    }

    /** Says that the result is zero where one of these operands is, even if another one is infinite or NaN. */
    Elementwise absorbing(int... operands) {
        absorbing = operands;
        return this;
    }

    int[] absorbing() {
        return absorbing;
    }

    /** Gives the textbook form in simpler ops, which {@link #expand} opens; it may lose digits or overflow where the op does not. */
    Elementwise circuit(Circuit simpler) {
        circuit = simpler;
        return this;
    }

    /**
     * Says how the op's errors are bounded. By default its function is taken to bend no faster than sin, and to be computed within 4 ulp.
     */
    Elementwise accuracy(Accuracy bounds) {
        accuracy = bounds;
        return this;
    }

    /** The function of up to three numbers; arguments beyond the arity are not read. */
    public double apply(double a, double b, double c) {
        return function.apply(a, b, c);
    }

    /** The dedicated loop of an op of one operand; null if there is none. */
    public Kernels.@Nullable Unary unary() {
        return function instanceof ElementFunction.One(var _, var kernel, var _) ? kernel : null;
    }

    /** The dedicated loop of an op of two operands; null if there is none. */
    public Kernels.@Nullable Binary binary() {
        return function instanceof ElementFunction.Two(var _, var kernel) ? kernel : null;
    }

    /** Whether the value is the first operand, and its derivatives are given. */
    public boolean isGiven() {
        return function instanceof ElementFunction.First;
    }

    @Override
    public boolean isView() {
        return isGiven();
    }

    public int arity() {
        return arity;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public Family family() {
        return Family.ELEMENTWISE;
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape shape = operands[0];
        for (int i = 1; i < operands.length; i++) {
            shape = shape.broadcast(operands[i]);
        }
        return shape;
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        BroadcastLoop loop = new BroadcastLoop(result, operands);
        return (x, y, parallel) -> parallel.share(loop.length(), parallel.grain(FLOPS),
                (first, end) -> loop.forEach(first, end, parallel, (from, stride, o, n) -> function.run(x, from, stride, y, o, n)));
    }

    @Override
    public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int position, int n) {
        function.run(x, from, stride, out, o, n);
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return isGiven() ? 0 : result.size();
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        Rule rule = rules[operand];
        return rule == null ? null : rule.scale(cotangent, node.operands(), node);
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node[] x = node.operands();
        Node sum = null;
        for (int k = 0; k < arity; k++) {
            Node t = tangents[k];
            Rule rule = rules[k];
            Node scaled = t == null || rule == null ? null : rule.scale(t, x, node);
            if (scaled != null) {
                sum = sum == null ? scaled : Maths.add(sum, scaled);
            }
        }
        return sum;
    }

    @Override
    public @Nullable Node error(Node node, @Nullable Node[] errors) {
        return accuracy.error(node, this, errors);
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        if (result.size() > 0) {
            new BroadcastLoop(result, operands).forEach(Checkpoint.NONE, (from, stride, o, n) -> {
                for (int k = 0; k < arity; k++) {
                    for (int i = 0; i < n && rules[k] != null; i++) {
                        dependence.between(k, from[k] + i * stride[k], o + i);
                    }
                }
            });
        }
        return true;
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(this, Batched.aligned(operands, batched));
    }

    @Override
    public @Nullable Node onOneHot(Node[] operands, boolean[] hot) {
        return ZeroPreserving.is(this, operands, hot) ? operands[0].graph().add(this, operands) : null;
    }

    @Override
    public @Nullable Node kink(Node node) {
        return kink == null ? null : kink.of(node.operands(), node);
    }

    @Override
    public boolean isGate() {
        return circuit != null;
    }

    @Override
    public @Nullable Node expand(Node[] operands) {
        return circuit == null ? null : Composite.opened(circuit::of, operands);
    }

    @Override
    public boolean ignores(int operand) {
        return rules[operand] == null;
    }
}
