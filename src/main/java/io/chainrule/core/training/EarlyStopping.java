package io.chainrule.core.training;

/**
 * Stops a training after {@code patience} successive epochs in which the loss did not fall by more than {@code minDelta} below its
 * lowest value so far. The loss is that of the validation data if there are any.
 */
public record EarlyStopping(int patience, double minDelta) {}
