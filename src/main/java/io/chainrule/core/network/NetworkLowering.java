package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;
import java.util.Map;

/** Networks to graphs. */
public final class NetworkLowering {
    private NetworkLowering() {}

    /**
     * The program of a network.
     *
     * @param inputShapes the shapes of all given inputs, data with their leading batch axis; parameters and statistics
     *        may be missing
     * @param initializer of weights whose layer has none
     * @param seed of dropout's masks
     * @throws io.chainrule.core.graph.ProblemException with all that is wrong, each with its JSON Pointer into a request
     *         whose field "network" is the network
     * @throws io.chainrule.core.graph.LimitException for limit "nodes"
     */
    public static LoweredNetwork lower(NetworkSpec spec, Map<String, Shape> inputShapes, InitializerSpec initializer, boolean training,
            long seed, int maxNodes) {
        throw new UnsupportedOperationException("written in the next commit");
    }
}
