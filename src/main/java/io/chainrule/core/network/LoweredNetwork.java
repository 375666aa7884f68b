package io.chainrule.core.network;

import io.chainrule.core.graph.Program;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network as a program. Its graph has shapes; its inputs are {@code data} (the input, the target of the loss),
 * {@code parameters}, {@code statistics} and, where dropout draws masks, the scalar {@code step}.
 *
 * @param program output nodes of layers have the layers' names, nodes inside them are {@code layer/op_k}; the output is {@code loss},
 *        or without one the last layer
 * @param step the name of the input that counts the steps of a training, or null where there is no dropout to train
 */
public record LoweredNetwork(Program program, List<Parameter> parameters, List<Statistic> statistics, List<LayerSummary> layers,
        List<String> data, @Nullable String step) {}
