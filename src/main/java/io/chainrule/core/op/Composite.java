package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A circuit of other ops under one name. It is expanded before it is differentiated or run, so that value and
 * derivatives of every order are those of the circuit.
 */
final class Composite implements Op {
    private final String name;
    private final Map<String, Object> attributes;
    private final Function<Shape[], Shape> shapeRule;
    private final Function<Node[], Node> circuit;
    private final Family family;
    private final Set<Integer> ignored;

    Composite(String name, Map<String, Object> attributes, Function<Shape[], Shape> shapeRule, Function<Node[], Node> circuit) {
        this(name, Family.COMPOSITE, attributes, shapeRule, circuit, Set.of());
    }

    private Composite(String name, Family family, Map<String, Object> attributes, Function<Shape[], Shape> shapeRule,
            Function<Node[], Node> circuit, Set<Integer> ignored) {
        this.name = name;
        this.family = family;
        this.attributes = attributes;
        this.shapeRule = shapeRule;
        this.circuit = circuit;
        this.ignored = ignored;
    }

    /** The circuit checks its operands; the shape is found by building it for operands of these shapes. */
    static Composite of(String name, Map<String, Object> attributes, Function<Node[], Node> circuit) {
        return new Composite(name, attributes, shapes -> traced(circuit, shapes), circuit);
    }

    static Composite of(String name, Attributes attributes, Function<Node[], Node> circuit) {
        return of(name, attributes.written(), circuit);
    }

    /** A circuit that moves data only. */
    static Composite moving(String name, Attributes attributes, Function<Node[], Node> circuit) {
        return moving(name, attributes.written(), circuit);
    }

    static Composite moving(String name, Map<String, Object> attributes, Function<Node[], Node> circuit) {
        return of(name, attributes, circuit).in(Family.MOVEMENT);
    }

    private Composite in(Family other) {
        return new Composite(name, other, attributes, shapeRule, circuit, ignored);
    }

    /** The same, where these operands get no gradient. */
    Composite ignoring(Integer... operands) {
        return new Composite(name, family, attributes, shapeRule, circuit, Set.of(operands));
    }

    /** The same with this shape rule, for an op of one operand. */
    Composite shapedBy(UnaryOperator<Shape> rule) {
        return new Composite(name, family, attributes, shapes -> rule.apply(shapes[0]), circuit, ignored);
    }

    /** For circuits: {@link ShapeException} unless an operand has the shape that the others demand. */
    static void needs(String operand, Shape wanted, Node given) {
        if (!given.shape().equals(wanted)) {
            throw new ShapeException("needs " + operand + " " + wanted + ", got " + given.shape(), wanted.toString(),
                    given.shape().toString());
        }
    }

    private static Shape traced(Function<Node[], Node> circuit, Shape[] shapes) {
        GraphBuilder trace = GraphBuilder.withShapes();
        Node[] operands = new Node[shapes.length];
        for (int k = 0; k < shapes.length; k++) {
            operands[k] = trace.input("x", shapes[k]);
        }
        return circuit.apply(operands).shape();
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
        return family;
    }

    @Override
    public boolean isComposite() {
        return true;
    }

    @Override
    public boolean ignores(int operand) {
        return ignored.contains(operand);
    }

    @Override
    public Shape shape(Shape... operands) {
        return shapeRule.apply(operands);
    }

    @Override
    public Node expand(Node[] operands) {
        return opened(circuit, operands);
    }

    /** Appends the circuit; where its result is an operand or a number, a reshape makes it a node of its own. */
    static Node opened(Function<Node[], Node> circuit, Node[] operands) {
        GraphBuilder graph = operands[0].graph();
        int before = graph.size();
        Node result = circuit.apply(operands);
        boolean isNew = result.index() >= before && result.op().family() != Family.LEAF;
        return isNew ? result : graph.add(new Shaping.Reshape(result.shape().toList()), result);
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        throw notExpanded();
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        throw notExpanded();
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        throw notExpanded();
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        throw notExpanded();
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        throw notExpanded();
    }

    private IllegalStateException notExpanded() {
        return new IllegalStateException("composite op " + name + " must be expanded first");
    }
}
