package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A running statistic of a batch_norm: an input that is not a parameter, called {@code layer.running_mean} or
 * {@code layer.running_variance}.
 *
 * @param initial the initial value of every element
 * @param batchValue the program's node with the batch's mean or its unbiased variance in training; otherwise null
 */
public record Statistic(String name, Shape shape, double initial, @Nullable Integer batchValue) {}
