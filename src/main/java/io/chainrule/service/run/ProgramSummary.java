package io.chainrule.service.run;

import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The program that an answer speaks of.
 *
 * @param nodeCount how many nodes the client wrote
 * @param drawn the parameters of a network that the client gave no values, as they begin; null where the program is no network
 */
public record ProgramSummary(int nodeCount, @Nullable Map<String, Tensor> drawn) {}
