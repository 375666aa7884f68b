package io.chainrule.service.jobs;

import org.jspecify.annotations.Nullable;

/**
 * What a job has come to.
 *
 * @param done units of work, of which the answer is made
 * @param total units of work in all; 0 if nobody has counted them
 * @param made units of work in all attempts, those that were repeated included
 * @param secondsLeft less than 0 if nothing is known
 * @param seconds for which cores have worked
 * @param worked seconds of all attempts together, by the clock
 * @param latest what was measured last, as JSON
 */
public record JobProgress(long done, long total, long made, double secondsLeft, double seconds, double worked, @Nullable String latest) {}
