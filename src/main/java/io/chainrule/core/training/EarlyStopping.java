package io.chainrule.core.training;

/**
 * When to give up: after {@code patience} epochs in which the loss, that of the validation data where there are any, did
 * not fall by more than {@code minDelta} below the best before.
 */
public record EarlyStopping(int patience, double minDelta) {}
