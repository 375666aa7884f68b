package io.chainrule.service.bulk;

import org.jspecify.annotations.Nullable;

/**
 * The losses of an epoch of a fit.
 *
 * @param number of the epoch, from 1
 * @param loss the mean over its rows, each by the parameters of its step; of an epoch within which the fit ends over those of its steps
 * @param validationLoss the mean over the rows that are held out, by the parameters at its end; null if there are none
 */
public record Epoch(long number, double loss, @Nullable Double validationLoss) {}
