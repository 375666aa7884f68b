package io.chainrule.core.network;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Builds the graph of a network, and records its inputs, ids, and the layer that each node belongs to. */
final class NetworkGraph {
    private final GraphBuilder builder;
    private final Map<String, Shape> given;
    private final Problems problems;
    private final NetworkNames names;
    private final Map<Integer, String> ids = new HashMap<>();
    private final Map<Integer, String> owners = new HashMap<>();
    private final Map<String, Node> data = new LinkedHashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Node> weights = new ArrayList<>();
    private final List<Statistic> statistics = new ArrayList<>();
    private @Nullable Node step;

    NetworkGraph(Map<String, Shape> given, Problems problems, NetworkNames names, Allowance allowance) {
        this.given = given;
        this.problems = problems;
        this.names = names;
        this.builder = GraphBuilder.withShapes(allowance);
    }

    int size() {
        return builder.size();
    }

    Node node(Op op) {
        return builder.node(builder.add(op, new int[0]));
    }

    Node literal(double value) {
        return builder.literal(value);
    }

    /** Returns the shape of an input that holds data. If no value was given, reports that and returns null. */
    @Nullable
    Shape dataShape(String name, String role) {
        Shape shape = given.get(name);
        if (shape == null) {
            problems.add(() -> Problem.of(ProblemCode.MISSING_INPUT, role + " '" + name + "' has no value").node(name)
                    .hint(Nearest.name(name, given.keySet()).map(other -> "inputs has '" + other + "'; is that what '" + name + "' means?")
                            .orElse("add \"" + name + "\" to inputs")));
        }
        return shape;
    }

    /** Returns the input that holds these data. It is added once, because the target may be the network's input, as in an autoencoder. */
    Node data(String name, Shape shape) {
        return data.computeIfAbsent(name, id -> input(id, shape));
    }

    Node parameter(Parameter parameter, String title) {
        Node node = input(parameter.name(), parameter.shape(), title);
        parameters.add(parameter);
        if (parameter.isWeight()) {
            weights.add(node);
        }
        return node;
    }

    Node statistic(Statistic statistic, String title) {
        statistics.add(statistic);
        return input(statistic.name(), statistic.shape(), title);
    }

    Node step() {
        if (step == null) {
            String name = names.isTaken("step") ? names.next("step", "the count of steps") : "step";
            step = input(name, Shape.SCALAR);
        }
        return step;
    }

    /** The parameters that are regularised. */
    List<Node> weights() {
        return weights;
    }

    void name(Node node, String id) {
        ids.put(node.index(), id);
    }

    boolean isNamed(Node node) {
        return ids.containsKey(node.index());
    }

    /** Assigns the nodes from {@code first} on to this layer or to the loss, unless they belong to a layer already. */
    void own(int first, String owner) {
        for (int i = first; i < builder.size(); i++) {
            owners.putIfAbsent(i, owner);
        }
    }

    LoweredNetwork finish(Node output, List<LayerSummary> layers) {
        Graph graph = builder.build();
        @Nullable
        String[] named = new String[graph.size()];
        ids.forEach((node, id) -> named[node] = id);
        @Nullable
        String[] all = named.clone();
        for (int i = 0; i < all.length; i++) {
            if (all[i] == null && !graph.isLiteral(i)) {
                all[i] = names.next(owners.get(i) + "/" + graph.op(i).name(), "a node");
            }
        }
        NamedGraph program = new NamedGraph(graph, output.index(), named, node -> null).withIds(all);
        String stepName = step == null ? null : Objects.requireNonNull(ids.get(step.index()));
        return new LoweredNetwork(program, List.copyOf(parameters), List.copyOf(statistics), List.copyOf(layers),
                List.copyOf(data.keySet()), stepName);
    }

    /** Adds an input of a layer. If a value was given for it, its shape must be this one. */
    private Node input(String name, Shape shape, String title) {
        names.claim(name, "a parameter of " + title, null);
        Shape other = given.get(name);
        if (other != null && !other.equals(shape)) {
            problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, title + " needs " + name + " " + shape + ", got " + other).node(name)
                    .expected(shape.toString(), other.toString()));
        }
        return input(name, shape);
    }

    private Node input(String name, Shape shape) {
        Node node = builder.input(name, shape);
        name(node, name);
        return node;
    }
}
