package io.chainrule.service.access;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How much of the service one client may have; 0 for any amount. By default a class of 40 behind one address can drag sliders all at once.
 *
 * @param requests a minute
 * @param computeSeconds seconds for which cores work for the client, an hour
 * @param bytes of bodies and answers, an hour
 * @param trainings at the same time
 */
@Validated
@ConfigurationProperties("chainrule.quotas")
public record Quotas(@PositiveOrZero @Max(MOST) @DefaultValue("60000") long requests,
        @PositiveOrZero @Max(MOST_SECONDS) @DefaultValue("7200") long computeSeconds,
        @PositiveOrZero @Max(MOST) @DefaultValue("21474836480") long bytes, @PositiveOrZero @DefaultValue("2") int trainings) {
    /** Numbers in headers have up to 15 digits (RFC 9651), and seconds are told in microseconds. */
    public static final long MOST = 1_000_000_000_000L;
    public static final long MOST_SECONDS = 100_000_000;
}
