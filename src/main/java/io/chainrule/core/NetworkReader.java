package io.chainrule.core;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkLowering;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.network.Parameter;
import io.chainrule.core.network.Statistic;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lowers a network to its graph, for the shapes that the data have in one sample. */
final class NetworkReader {
    private final Source.Network source;
    private final Signature signature;
    private final Allowance allowance;

    NetworkReader(Source.Network source, Signature signature, Allowance allowance) {
        this.source = source;
        this.signature = signature;
        this.allowance = allowance;
    }

    /** Lowers the network; throws {@link io.chainrule.core.graph.LimitException} for limit "nodes". */
    Written read() {
        Map<String, Shape> shapes = signature.inputs().toMap();
        return read(signature.missing() == Signature.Missing.REFUSED ? shapes : assuming(shapes));
    }

    private Written read(Map<String, Shape> shapes) {
        Problems problems = new Problems();
        Map<String, Shape> given = new LinkedHashMap<>(shapes);
        signature.parameters().toMap().forEach((name, shape) -> {
            if (given.putIfAbsent(name, shape) != null) {
                problems.add(Problem.of(ProblemCode.INVALID_VALUE, "'" + name + "' is among the parameters and among the inputs")
                        .at(Place.setting("parameters", name)).expected("one value", "two"));
            }
        });
        Samples samples = Samples.of(signature.batch(), given, problems);
        problems.throwIfAny();
        LoweredNetwork network = lower(source.spec(), samples.ofOne(given));
        checkNames(network, problems);
        problems.throwIfAny();
        network.parameters().forEach(parameter -> given.putIfAbsent(parameter.name(), parameter.shape()));
        network.statistics().forEach(statistic -> given.putIfAbsent(statistic.name(), statistic.shape()));
        if (network.step() != null) {
            given.putIfAbsent(network.step(), Shape.SCALAR);
        }
        return new Written(network.program(), given, network);
    }

    private LoweredNetwork lower(NetworkSpec spec, Map<String, Shape> shapes) {
        return NetworkLowering.lower(spec, shapes, source.initializer(), source.training(), source.seed(), allowance);
    }

    private void checkNames(LoweredNetwork network, Problems problems) {
        List<String> known = Stream.concat(network.parameters().stream().map(Parameter::name),
                network.statistics().stream().map(Statistic::name)).toList();
        Set<String> names = Set.copyOf(known);
        for (String name : signature.parameters().names()) {
            if (!names.contains(name)) {
                problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "the network has no parameter '" + name + "'")
                        .at(Place.setting("parameters", name)).hint(Nearest.hint(name, known).orElse(null)));
            }
        }
    }

    /** Adds shapes for data that have none: a batch of one sample, and the target that the loss expects for the last layer's output. */
    private Map<String, Shape> assuming(Map<String, Shape> shapes) {
        Map<String, Shape> assumed = new LinkedHashMap<>(shapes);
        NetworkSpec spec = source.spec();
        assumed.putIfAbsent(spec.input().name(), Shape.of(1).concat(spec.input().shape()));
        LossSpec loss = spec.loss();
        if (loss != null && !assumed.containsKey(loss.target())) {
            Map<String, Shape> ofOne = Samples.of(signature.batch(), assumed, new Problems()).ofOne(assumed);
            NamedGraph withoutLoss = lower(new NetworkSpec(spec.input(), spec.layers(), null, 0, 0), ofOne).program();
            assumed.put(loss.target(), loss.targetShape(withoutLoss.graph().shape(withoutLoss.output())));
        }
        return assumed;
    }

    /**
     * The graph of a network as a function of its data, which are one sample or a batch by their shape.
     *
     * @param kept the shapes of its parameters
     */
    static NamedGraph function(Source.Network network, Shapes kept, Map<String, Shape> shapes, Allowance allowance) {
        String data = network.spec().input().name();
        Shape given = shapes.get(data);
        if (given == null) {
            throw new ProblemException(Problem.of(ProblemCode.SHAPE_MISMATCH, "the shape of '" + data + "' is not known here"));
        }
        boolean isOne = given.equals(network.spec().input().shape());
        Map<String, Shape> known = kept.toMap();
        known.put(data, isOne ? Shape.of(1).concat(given) : given);
        NamedGraph batched = Program.of(network, 0).graph(known.keySet(), known, allowance);
        return isOne ? ofOne(batched, data, given, allowance) : batched;
    }

    /** The network for one sample: a batch of one, without its axis. */
    private static NamedGraph ofOne(NamedGraph batched, String data, Shape sample, Allowance allowance) {
        Graph graph = batched.graph();
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        int[] image = new int[graph.size()];
        for (int i = 0; i < image.length; i++) {
            image[i] = graph.op(i) instanceof Leaf.Input(String id, Shape _) && id.equals(data)
                    ? Maths.reshape(builder.input(id, sample), graph.shape(i)).index()
                    : builder.copy(graph, i, image);
        }
        Node output = builder.node(image[batched.output()]);
        int result = Maths.reshape(output, output.shape().sub(1, output.shape().rank())).index();
        Graph built = builder.build();
        @Nullable
        String[] names = new String[built.size()];
        return new NamedGraph(built, result, names, _ -> null);
    }
}
