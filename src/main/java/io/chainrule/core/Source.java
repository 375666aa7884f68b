package io.chainrule.core;

import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program as it was written: text, nodes or a network. Equal sources are equal programs. */
public sealed interface Source {
    /** An estimate of the memory that this source takes, with the arrays that are written in it. */
    long bytes();

    record Text(String expression) implements Source {
        /** A number takes at least two characters, and eight bytes as an element of an array. */
        private static final long BYTES_A_CHARACTER = 6;

        @Override
        public long bytes() {
            return BYTES_A_CHARACTER * expression.length();
        }
    }

    record Nodes(List<NodeSpec> nodes, @Nullable String output) implements Source {
        private static final long BYTES_A_NODE = 200;
        private static final long BYTES_AN_OPERAND = 32;

        @Override
        public long bytes() {
            return nodes.stream().mapToLong(node -> BYTES_A_NODE + BYTES_AN_OPERAND * node.inputs().size()
                    + node.attributes().values().stream().mapToLong(Nodes::bytes).sum()).sum();
        }

        private static long bytes(Object attribute) {
            return switch (attribute) {
                case Tensor tensor -> (long) Double.BYTES * tensor.length();
                case List<?> list -> list.stream().mapToLong(Nodes::bytes).sum();
                default -> BYTES_AN_OPERAND;
            };
        }
    }

    /**
     * Layers and a loss.
     *
     * @param initializer of weights whose layer has none
     * @param seed what dropout's masks are drawn from
     */
    record Network(NetworkSpec spec, InitializerSpec initializer, boolean training, long seed) implements Source {

        private static final long BYTES_A_LAYER = 1000;

        @Override
        public long bytes() {
            return BYTES_A_LAYER * layers(spec.layers());
        }

        private static long layers(List<LayerSpec> layers) {
            return layers.stream().mapToLong(layer -> 1 + layers(layer.layers())).sum();
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
