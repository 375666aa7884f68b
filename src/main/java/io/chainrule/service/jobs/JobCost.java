package io.chainrule.service.jobs;

/**
 * What a job will cost, as known before it is accepted.
 *
 * @param flops estimated floating point operations; less than 0 if nothing is known of the rows that are worked on
 * @param seconds for which one core of this machine would work, by the pace that it had so far; less than 0 if nothing is known of the
 *        rows
 * @param total how many units of work there are
 * @param unit what is counted: {@code steps}, {@code rows}, {@code iterations}, {@code entries}
 */
public record JobCost(double flops, double seconds, long total, String unit) {}
