package io.chainrule.service;

import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program in the form in which the client sent it. */
public sealed interface Source {
    record Text(String expression) implements Source {}

    record Nodes(List<NodeSpec> nodes, @Nullable String output) implements Source {}

    /**
     * Layers and a loss.
     *
     * @param parameters values of parameters and running statistics; those that are missing are begun with
     * @param initializer of weights whose layer has none
     * @param initializerSeed what parameters are drawn from
     * @param seed what dropout's masks are drawn from
     */
    record Network(NetworkSpec spec, Map<String, Tensor> parameters, InitializerSpec initializer, long initializerSeed, boolean training,
            long seed) implements Source {

        Network inTraining(boolean isInTraining) {
            return new Network(spec, parameters, initializer, initializerSeed, isInTraining, seed);
        }

        /** The names of the inputs that carry samples along their leading axis. */
        List<String> data() {
            return spec.loss() == null
                    ? List.of(spec.input().name())
                    : Stream.of(spec.input().name(), spec.loss().target()).distinct().toList();
        }
    }
}
