package io.chainrule.service.run;

import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says of its program.
 *
 * @param nodeCount the number of nodes that the client wrote
 * @param drawn initial values of the network's parameters for which the client gave none; null where the program is no network
 */
public record ProgramSummary(int nodeCount, @Nullable Map<String, Tensor> drawn) {}
