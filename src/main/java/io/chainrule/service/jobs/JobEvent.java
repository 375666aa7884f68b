package io.chainrule.service.jobs;

/**
 * Something that happened to a job.
 *
 * @param number counts a job's events from 1
 * @param data one line of JSON
 */
public record JobEvent(long number, String type, String data) {
    public static final String STATUS = "status";
    public static final String PROGRESS = "progress";
    public static final String DIAGNOSTIC = "diagnostic";
}
