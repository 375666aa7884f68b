package io.chainrule.core;

import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.op.Maths;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.simplify.Textbook;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Gradients of programs given as text, as graphs, numbers and text. */
public final class Derivatives {
    private Derivatives() {}

    /** Its last node is the derivative of the output's sum by an input; of zeros where there is none. */
    public record Derivative(Graph graph, int node, int written) {
        public Graph simplified() {
            return Simplifier.simplify(graph, node, written, Allowance.UNBOUNDED);
        }

        public Textbook textbook() {
            return Simplifier.textbook(graph, node, written, Allowance.UNBOUNDED);
        }
    }

    public static NamedGraph parse(String text, Map<String, Shape> shapes) {
        return ShapeInference.infer(ExpressionParser.parse(text, shapes.keySet(), new ExpressionParser.Limits(1_000_000, 10_000)), shapes);
    }

    public static Derivative of(NamedGraph program, String wrt) {
        Gates.Expansion opened = Gates.expand(program.graph(), Allowance.UNBOUNDED);
        GraphBuilder builder = GraphBuilder.extending(opened.graph(), Allowance.UNBOUNDED);
        int output = opened.image()[program.output()];
        Node ones = Maths.broadcastTo(builder.literal(1), opened.graph().shape(output));
        Integer input = program.find(wrt);
        BitSet sources = new BitSet();
        int at = input == null ? -1 : opened.image()[input];
        if (at >= 0) {
            sources.set(at);
        }
        int cotangent = at < 0 ? -1 : ReverseMode.cotangents(opened.graph(), builder, Map.of(output, ones), sources)[at];
        int node = cotangent >= 0
                ? cotangent
                : Maths.broadcastTo(builder.literal(0), at < 0 ? Shape.SCALAR : opened.graph().shape(at)).index();
        return new Derivative(builder.build(), node, opened.graph().size());
    }

    public static String print(Graph graph) {
        return ExpressionPrinter.print(program(graph));
    }

    public static NamedGraph program(Graph graph) {
        @Nullable
        String[] names = new String[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            names[i] = graph.op(i) instanceof Leaf.Input(String id, var _) ? id : null;
        }
        return new NamedGraph(graph, graph.size() - 1, names, node -> null);
    }

    /** The value of a node, composite ops opened. */
    public static Tensor value(Graph graph, int node, Map<String, Tensor> inputs) {
        Gates.Expansion opened = Gates.expand(graph, Allowance.UNBOUNDED);
        int at = opened.image()[node];
        if (opened.graph().op(at) instanceof Leaf.Input(String id, var _)) {
            return Objects.requireNonNull(inputs.get(id));
        }
        BitSet results = new BitSet();
        results.set(at);
        Executor executor = new Executor(Plan.of(opened.graph(), results), Parallel.NONE);
        for (int i = 0; i < opened.graph().size(); i++) {
            if (opened.graph().op(i) instanceof Leaf.Input(String id, var _)) {
                executor.place(i, Objects.requireNonNull(inputs.get(id), id));
            }
        }
        executor.run();
        return executor.value(at);
    }

    public static Map<String, Shape> shapes(Map<String, Tensor> inputs) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((id, value) -> shapes.put(id, value.shape()));
        return shapes;
    }

    /** Shapes written as in "x:2,3 y:". */
    public static Map<String, Shape> shapes(String text) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String item : text.isBlank() ? new String[0] : text.strip().split(" ")) {
            String[] parts = item.split(":", 2);
            shapes.put(parts[0],
                    Shape.of(Stream.of(parts[1].split(",")).filter(dim -> !dim.isEmpty()).mapToInt(Integer::parseInt).toArray()));
        }
        return shapes;
    }
}
