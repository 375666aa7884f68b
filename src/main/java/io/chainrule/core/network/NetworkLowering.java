package io.chainrule.core.network;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lowers networks to graphs, layer by layer. */
public final class NetworkLowering {
    /** The number of samples that is assumed if the data are missing, so that layers can be checked nevertheless. */
    private static final int SOME = 2;

    private final Problems problems = new Problems();
    private final NetworkNames names = new NetworkNames(problems);
    private final List<LayerSummary> summaries = new ArrayList<>();
    private final InitializerSpec initializer;
    private final boolean training;
    private final long seed;
    private final NetworkGraph graph;

    private NetworkLowering(Map<String, Shape> inputShapes, InitializerSpec initializer, boolean training, long seed, Allowance allowance) {
        this.initializer = initializer;
        this.training = training;
        this.seed = seed;
        this.graph = new NetworkGraph(inputShapes, problems, names, allowance);
    }

    /**
     * Lowers a network to a program.
     *
     * @param inputShapes the shapes of all given inputs, data with their leading batch axis; parameters and statistics may be missing
     * @param initializer the initializer of weights whose layer has none of its own
     * @param seed the seed of the masks of dropout
     * @throws ProblemException with all that is wrong. A problem has its place in the network; if an input is at fault, it has the
     *        input's node instead
     * @throws io.chainrule.core.graph.LimitException for limit "nodes"
     */
    public static LoweredNetwork lower(NetworkSpec spec, Map<String, Shape> inputShapes, InitializerSpec initializer, boolean training,
            long seed, Allowance allowance) {
        return new NetworkLowering(inputShapes, initializer, training, seed, allowance).lower(spec);
    }

    private LoweredNetwork lower(NetworkSpec spec) {
        NetworkLoss loss = new NetworkLoss(spec, graph, problems);
        Initializers.check(initializer, Place.setting("initializer"), problems);
        names.claim(spec.input().name(), "the input", Place.network("input", "name"));
        loss.prepare(names);
        if (spec.layers().isEmpty()) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "the network has no layers").at(Place.network("layers")));
        }
        List<Layer> layers = new LayerReader(problems, names).read(spec.layers());
        Node x = input(spec.input());
        Node output = x;
        try {
            output = chain(layers, x, "input '" + spec.input().name() + "'");
            if (!layers.isEmpty() && layers.size() == spec.layers().size()) {
                output = loss.append(output, layers.getLast().title());
            }
        } catch (ProblemException e) {
            e.problems().forEach(problems::add);
        }
        problems.throwIfAny();
        return graph.finish(output, summaries);
    }

    private Node input(InputSpec input) {
        Shape given = graph.dataShape(input.name(), "input");
        Shape sample = input.shape();
        Shape shape = Shape.of(given == null || given.isScalar() ? SOME : given.dim(0)).concat(sample);
        if (given != null && !given.equals(shape)) {
            problems.add(
                    Problem.of(ProblemCode.SHAPE_MISMATCH, "the network needs input '" + input.name() + "' " + describe(shape) + ", got "
                            + given).node(input.name()).expected(describe(shape), given.toString()));
        }
        if (shape.rank() > ShapeInference.MOST_AXES) {
            problems.add(tooManyAxes(shape).at(Place.network("input", "shape")));
        }
        return graph.data(input.name(), shape);
    }

    /**
     * Appends layers one after the other, and returns the output of the last. If there are problems, reports them and throws a
     * {@link ProblemException} without problems.
     */
    Node chain(List<Layer> layers, Node x, String source) {
        Node output = x;
        String from = source;
        for (Layer layer : layers) {
            output = lower(layer, output, from);
            from = layer.title();
        }
        return output;
    }

    private Node lower(Layer layer, Node x, String source) {
        try {
            return appended(layer, x, source);
        } catch (ShapeException e) {
            String option = e.attribute();
            Problem problem = Problem.of(option == null ? ProblemCode.SHAPE_MISMATCH : ProblemCode.BAD_ATTRIBUTE,
                    e.getMessage() + "; " + source + " gives " + describe(x.shape())).expected(e.expected(), e.actual());
            problems.add(LayerReader.located(option == null ? problem : problem.attribute(option), layer.type(), layer.name(),
                    layer.place()));
        } catch (ProblemException e) {
            e.problems().forEach(problem -> problems.add(LayerReader.located(problem, layer.type(), layer.name(), layer.place())));
        }
        throw new ProblemException(List.of());
    }

    private Node appended(Layer layer, Node x, String source) {
        String title = layer.title();
        if (!layer.type().takes(x.shape().rank())) {
            String wanted = "[" + String.join(", ", layer.type().axes()) + "]";
            String found = describe(x.shape());
            throw new ProblemException(Problem.of(ProblemCode.SHAPE_MISMATCH,
                    title + " needs " + wanted + ", " + source + " gives " + found).expected(wanted, found));
        }
        int before = graph.size();
        LayerScope scope = new LayerScope(this, graph, layer, source);
        Node output = layer.lowering().lower(scope, x);
        if (layer.activation() != null) {
            output = layer.activation().apply(scope, output);
        }
        if (output.shape().rank() > ShapeInference.MOST_AXES) {
            throw new ProblemException(tooManyAxes(output.shape()));
        }
        if (graph.isNamed(output)) {
            output = Ops.reshape(output, output.shape().dims());
        }
        graph.name(output, layer.name());
        graph.own(before, layer.name());
        if (layer.initializer() != null && !scope.initializes()) {
            problems.add(Problem.of(ProblemCode.BAD_ATTRIBUTE, title + " has no weights to initialise").node(layer.name())
                    .at(layer.place().part("initializer")));
        }
        summaries.add(new LayerSummary(layer.name(), layer.type().name(), output.shape(), scope.parameters(), output.index(),
                layer.place()));
        return output;
    }

    /** Describes the shape of a batch without the number of its samples. */
    static String describe(Shape shape) {
        StringBuilder text = new StringBuilder("[batch");
        for (int i = 1; i < shape.rank(); i++) {
            text.append(", ").append(shape.dim(i));
        }
        return text.append(']').toString();
    }

    private static Problem tooManyAxes(Shape shape) {
        return Problem.of(ProblemCode.SHAPE_MISMATCH, "there are " + shape.rank() + " axes")
                .expected("at most " + ShapeInference.MOST_AXES + " axes", shape.rank() + " axes");
    }

    InitializerSpec initializer() {
        return initializer;
    }

    boolean training() {
        return training;
    }

    long seed() {
        return seed;
    }
}
