package io.chainrule.service.jobs;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Jobs. Their limits stand in place of those of requests.
 *
 * @param threads how many jobs a replica runs at the same time
 * @param active how many jobs of one owner may be queued or running
 * @param kept how many jobs of one owner may be there, including those that have ended and are still kept
 * @param requestBytes bytes of the body that asks for a job
 * @param bytes that all jobs of one owner may take in the database before another one is accepted: their requests, states and answers
 * @param keep for how long a job and its answer are kept after its end
 * @param time for how long a job may be worked on, in all attempts together
 * @param steps of one training
 * @param flops estimated floating point operations of one job
 * @param answerBytes estimated bytes of an answer
 * @param checkpoint how often a running job stores its state; as much work is repeated at most if its replica ends
 * @param heartbeat how often a replica tells that it is alive; one that has not done so five times has its jobs taken over
 * @param streams how many streams may tell events of jobs at the same time, half of them to one client
 */
@Validated
@ConfigurationProperties("chainrule.jobs")
public record JobProperties(@Positive @Max(1_000) @DefaultValue("1") int threads, @Positive @DefaultValue("100") int active,
        @Positive @DefaultValue("1000") int kept, @Positive @DefaultValue("67108864") long requestBytes,
        @Positive @DefaultValue("2147483648") long bytes,
        @NotNull @DurationMin(seconds = 1) @DefaultValue("7d") Duration keep,
        @NotNull @DurationMin(inclusive = false) @DefaultValue("1d") Duration time, @Positive @DefaultValue("1000000000") long steps,
        @Positive @DefaultValue("1000000000000000000") long flops, @Positive @DefaultValue("33554432") long answerBytes,
        @NotNull @DurationMin(inclusive = false) @DurationMax(seconds = 10) @DefaultValue("5s") Duration checkpoint,
        @NotNull @DurationMin(millis = 100) @DurationMax(minutes = 5) @DefaultValue("3s") Duration heartbeat,
        @Positive @DefaultValue("100") int streams) {}
