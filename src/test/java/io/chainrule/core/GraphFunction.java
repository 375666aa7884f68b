package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A function from arrays to arrays, held as a graph: it can be run, and differentiated in either mode again and again. */
public record GraphFunction(Graph graph, int[] inputs, int[] outputs) {

    /** The function that {@code body} builds upon inputs of these shapes; its gates are opened. */
    public static GraphFunction of(Function<Node[], Node> body, Shape... shapes) {
        GraphBuilder builder = GraphBuilder.withShapes();
        Node[] x = new Node[shapes.length];
        for (int k = 0; k < x.length; k++) {
            x[k] = builder.input("x" + k, shapes[k]);
        }
        int output = body.apply(x).index();
        Gates.Expansion opened = Gates.expand(builder.build(), Allowance.UNBOUNDED);
        return new GraphFunction(opened.graph(), Arrays.stream(x).mapToInt(node -> opened.image()[node.index()]).toArray(),
                new int[]{opened.image()[output]});
    }

    /** The function that a program is, of inputs in this order; its gates are opened. */
    public static GraphFunction of(String expression, SequencedMap<String, Shape> inputs) {
        BoundProgram bound = Program.parse(expression).value().bind(Shapes.of(inputs));
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(bound.program().output()), BuildLimits.GENEROUS);
        int[] nodes = inputs.keySet().stream().mapToInt(name -> lowered.image(Objects.requireNonNull(bound.program().find(name), name)))
                .toArray();
        return new GraphFunction(lowered.graph(), nodes, new int[]{lowered.image(bound.program().output())});
    }

    /** The constant function that an op without operands is. */
    public static GraphFunction of(Op constructor) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int output = builder.add(constructor, new int[0]);
        return new GraphFunction(builder.build(), new int[0], new int[]{output});
    }

    /** A node of an op without attributes. */
    public static Node call(String op, Node... operands) {
        return call(op, Map.of(), operands);
    }

    public static Node call(String op, Map<String, ?> attributes, Node... operands) {
        return operands[0].graph().add(op(op, attributes, operands.length), operands);
    }

    public static Op op(String op, Map<String, ?> attributes, int operands) {
        return Objects.requireNonNull(OpCatalogue.find(op), op).create(attributes, operands);
    }

    /** Takes the inputs, then a cotangent per output; answers the cotangents of the inputs {@code wrt}. */
    public GraphFunction vjp(int... wrt) {
        GraphBuilder builder = GraphBuilder.extending(graph, Allowance.UNBOUNDED);
        List<Node> cotangents = new ArrayList<>();
        Map<Integer, Node> seeds = new HashMap<>();
        for (int output : outputs) {
            Node cotangent = builder.input("cotangent", graph.shape(output));
            cotangents.add(cotangent);
            seeds.merge(output, cotangent, Maths::add);
        }
        BitSet sources = new BitSet();
        for (int k : wrt) {
            sources.set(inputs[k]);
        }
        int[] all = ReverseMode.cotangents(graph, builder, seeds, sources);
        return derived(builder, cotangents, IntStream.of(wrt).map(k -> inputs[k]).toArray(), all);
    }

    /** Takes the inputs, then a tangent for each of the inputs {@code wrt}; answers the tangents of the outputs. */
    public GraphFunction jvp(int... wrt) {
        GraphBuilder builder = GraphBuilder.extending(graph, Allowance.UNBOUNDED);
        List<Node> tangents = new ArrayList<>();
        Map<Integer, Node> seeds = new HashMap<>();
        for (int k : wrt) {
            Node tangent = builder.input("tangent", graph.shape(inputs[k]));
            tangents.add(tangent);
            seeds.put(inputs[k], tangent);
        }
        return derived(builder, tangents, outputs, ForwardMode.tangents(graph, builder, seeds));
    }

    private GraphFunction derived(GraphBuilder builder, List<Node> directions, int[] nodes, int[] derivatives) {
        int[] results = new int[nodes.length];
        for (int k = 0; k < nodes.length; k++) {
            int derivative = derivatives[nodes[k]];
            results[k] = derivative >= 0 ? derivative : Maths.broadcastTo(builder.literal(0), graph.shape(nodes[k])).index();
        }
        int[] longer = IntStream.concat(IntStream.of(inputs), directions.stream().mapToInt(Node::index)).toArray();
        return new GraphFunction(builder.build(), longer, results);
    }

    /** With respect to every input. */
    public GraphFunction vjp() {
        return vjp(everyInput());
    }

    /** With respect to every input. */
    public GraphFunction jvp() {
        return jvp(everyInput());
    }

    private int[] everyInput() {
        return IntStream.range(0, inputs.length).toArray();
    }

    /** The names of the ops, in the order in which they were appended, without inputs and numbers. */
    public List<String> ops() {
        return IntStream.range(0, graph.size()).filter(node -> !graph.isLeaf(node)).mapToObj(node -> graph.op(node).name()).toList();
    }

    public List<Shape> inputShapes() {
        return IntStream.of(inputs).mapToObj(graph::shape).toList();
    }

    public List<Shape> outputShapes() {
        return IntStream.of(outputs).mapToObj(graph::shape).toList();
    }

    /** The value of an op at these operands, written over {@code result}. */
    public static void write(Op op, List<Tensor> operands, Tensor result, Parallel parallel) {
        Shape[] shapes = operands.stream().map(Tensor::shape).toArray(Shape[]::new);
        op.prepare(shapes, result.shape()).run(operands.stream().map(Tensor::data).toArray(double[][]::new), result.data(), parallel);
    }

    /** All outputs. */
    public List<Tensor> run(List<Tensor> values) {
        return run(values, Parallel.NONE);
    }

    /** All outputs, computed on several threads. */
    public List<Tensor> run(List<Tensor> values, Parallel parallel) {
        BitSet results = new BitSet();
        IntStream.of(outputs).forEach(results::set);
        PlannedGraph.Run run = PlannedGraph.of(graph, results).start(parallel);
        for (int k = 0; k < inputs.length; k++) {
            run.place(inputs[k], values.get(k));
        }
        run.run();
        return IntStream.of(outputs).mapToObj(run::value).toList();
    }

    /** The first output. */
    public Tensor apply(Tensor... values) {
        return run(List.of(values)).getFirst();
    }

    /** The first output of a function of numbers. */
    public double at(double... values) {
        return apply(Arrays.stream(values).mapToObj(Tensor::scalar).toArray(Tensor[]::new)).item();
    }

    /** Holds the value of an op at these operands against a reference, element by element. */
    public static void assertValue(String op, Map<String, ?> attributes, List<Tensor> operands, Tensor expected, double relative,
            double absolute) {
        Tensor actual = of(x -> call(op, attributes, x), operands.stream().map(Tensor::shape).toArray(Shape[]::new)).run(operands)
                .getFirst();
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < expected.length(); i++) {
            double wanted = expected.data()[i];
            assertThat(actual.data()[i]).isCloseTo(wanted, within(relative * Math.abs(wanted) + absolute));
        }
    }
}
