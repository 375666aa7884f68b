package io.chainrule.core;

import io.chainrule.core.expression.Given;
import io.chainrule.core.expression.NodeListAssembler;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Place;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program as it was written: text, nodes or a network; or one that is stored. Equal sources are equal programs. */
public sealed interface Source {
    /** An estimate of the memory that this source takes, including the arrays that it contains. */
    long bytes();

    /** The field in which a request has such a program. */
    default Place place() {
        return Place.setting(switch (this) {
            case Text _ -> "expression";
            case Nodes _ -> "graph";
            case Network _ -> "network";
            case Stored _ -> "model";
        });
    }

    /** What the program may call besides ops and functions of its own, by name. */
    default Map<String, StoredProgram> models() {
        return Map.of();
    }

    /** The inputs whose values are kept with the program, or with models that it may call: {@code digits.W} of the model {@code digits}. */
    default Shapes kept() {
        if (models().isEmpty()) {
            return Shapes.NONE;
        }
        Map<String, Shape> all = new LinkedHashMap<>();
        models().forEach((name, model) -> model.kept().toMap().forEach((input, shape) -> all.put(name + "." + input, shape)));
        return Shapes.of(all);
    }

    record Text(String expression, Map<String, StoredProgram> models) implements Source {
        /** Each character takes two bytes; a number in an array takes at least two characters and becomes an element of eight bytes. */
        private static final long BYTES_A_CHARACTER = 6;

        /** A text that calls no models. */
        public Text(String expression) {
            this(expression, Map.of());
        }

        @Override
        public long bytes() {
            return BYTES_A_CHARACTER * expression.length() + Footprint.of(models);
        }
    }

    /** A program that was stored earlier. */
    record Stored(StoredProgram program) implements Source {
        /** The program itself is shared by all that name it. */
        @Override
        public long bytes() {
            return Footprint.of(program.digest());
        }

        @Override
        public Shapes kept() {
            return program.kept();
        }
    }

    /**
     * A list of nodes.
     *
     * @param output the id, or a second name, of the node that is the output; null for the one node that no other reads
     * @param aliases maps second names to the ids of their nodes
     */
    record Nodes(List<NodeSpec> nodes, @Nullable String output, Map<String, StoredProgram> models, Map<String, String> aliases)
            implements
                Source {
        /** Nodes that call no models. */
        public Nodes(List<NodeSpec> nodes, @Nullable String output) {
            this(nodes, output, Map.of());
        }

        /** Nodes that have one name each. */
        public Nodes(List<NodeSpec> nodes, @Nullable String output, Map<String, StoredProgram> models) {
            this(nodes, output, models, Map.of());
        }

        /** The same with a node for each input that has none, as those that only the request names. */
        public Nodes withInputs() {
            Set<String> missing = NodeListAssembler.inputs(nodes);
            nodes.forEach(node -> missing.remove(node.id()));
            List<NodeSpec> all = new ArrayList<>(nodes);
            missing.forEach(name -> all.add(new NodeSpec(name, "input", List.of(), Map.of())));
            return new Nodes(all, output, models, aliases);
        }

        /** The same as it is stored: with the name of its output, and with attributes and second names in the order of their names. */
        Nodes asStored(String named) {
            return new Nodes(nodes.stream().map(NodeSpec::sorted).toList(), named, models, new TreeMap<>(aliases));
        }

        /** The same nodes, which may call these models. */
        public Nodes calling(Map<String, StoredProgram> others) {
            return new Nodes(nodes, output, others, aliases);
        }

        /** The same nodes, of which another one is the output. */
        Nodes withOutput(String named) {
            return new Nodes(nodes, named, models, aliases);
        }

        /** The ids of the nodes, and their second names. */
        public Set<String> names() {
            Set<String> names = new HashSet<>(aliases.keySet());
            nodes.forEach(node -> names.add(String.valueOf(node.id())));
            return names;
        }

        /** The graph of the nodes. An {@code asked} output takes precedence over the list's own. Throws as the assembler. */
        NamedGraph graph(@Nullable String asked, Given inputs, Allowance allowance) {
            String named = asked == null ? output : asked;
            NamedGraph graph = NodeListAssembler.assemble(nodes, named == null ? null : aliases.getOrDefault(named, named),
                    asked == null ? Place.nodeList("output") : Place.setting("output"), inputs, allowance);
            return aliases.isEmpty() ? graph : new SecondNames(aliases).in(graph, named, inputs.names());
        }

        @Override
        public long bytes() {
            return nodes.stream().mapToLong(node -> Footprint.of(node) + Footprint.of(node.id()) + Footprint.of(node.op())
                    + Footprint.of(node.inputs()) + Footprint.of(node.attributes())).sum() + Footprint.of(output) + Footprint.of(models)
                    + Footprint.of(aliases);
        }
    }

    /**
     * Layers and a loss.
     *
     * @param initializer the initializer of weights whose layer has none of its own
     * @param seed the seed that dropout masks are drawn from
     */
    record Network(NetworkSpec spec, InitializerSpec initializer, boolean training, long seed) implements Source {

        @Override
        public long bytes() {
            LossSpec loss = spec.loss();
            return layers(spec.layers()) + Footprint.of(spec.input().name())
                    + (loss == null ? 0 : Footprint.of(loss.target()) + Footprint.of(loss.options()));
        }

        private static long layers(List<LayerSpec> layers) {
            return layers.stream().mapToLong(layer -> Footprint.of(layer) + Footprint.of(layer.type()) + Footprint.of(layer.name())
                    + Footprint.of(layer.options()) + layers(layer.layers())).sum();
        }

        /** The same layers without the loss, so that the last of them is the output. */
        public Network withoutLoss() {
            return new Network(new NetworkSpec(spec.input(), spec.layers(), null, 0, 0), initializer, training, seed);
        }

        public Network inTraining(boolean isInTraining) {
            return new Network(spec, initializer, isInTraining, seed);
        }

        /** The names of the inputs that carry samples along their leading axis. */
        public List<String> data() {
            return spec.loss() == null
                    ? List.of(spec.input().name())
                    : Stream.of(spec.input().name(), spec.loss().target()).distinct().toList();
        }
    }
}
