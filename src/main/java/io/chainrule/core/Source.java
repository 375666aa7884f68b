package io.chainrule.core;

import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program as it was written: text, nodes or a network. Equal sources are equal programs. */
public sealed interface Source {
    /** An estimate of the memory that this source takes, including the arrays that it contains. */
    long bytes();

    record Text(String expression) implements Source {
        /** Each character takes two bytes; a number in an array takes at least two characters and becomes an element of eight bytes. */
        private static final long BYTES_A_CHARACTER = 6;

        @Override
        public long bytes() {
            return BYTES_A_CHARACTER * expression.length();
        }
    }

    record Nodes(List<NodeSpec> nodes, @Nullable String output) implements Source {
        @Override
        public long bytes() {
            return nodes.stream().mapToLong(node -> Footprint.of(node) + Footprint.of(node.id()) + Footprint.of(node.op())
                    + Footprint.of(node.inputs()) + Footprint.of(node.attributes())).sum() + Footprint.of(output);
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
