package io.chainrule.service.run;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of one request, and of all requests together. Each is checked before the work that it bounds is done. The defaults are for a
 * container of 1 GiB; with a heap of 512 MiB no request that they admit exhausts the memory.
 *
 * @param bodyBytes bytes of a request's body
 * @param nodes nodes of a program as the client wrote it
 * @param derivedNodes nodes of the graph that is run, derivatives included
 * @param nesting depth of brackets in an expression
 * @param tensorElements elements of any one value
 * @param jacobianEntries numbers in all the Jacobians of an answer
 * @param bytes estimated memory of one run
 * @param flops estimated floating point operations of one run
 * @param time how long one request may take
 * @param sharedBytes estimated memory of all running requests together; 0 for six tenths of the heap, less 96 MiB, and a quarter at least
 * @param memoryWait how long a request may wait until other requests have released the memory that it needs
 * @param cacheBytes memory of compiled functions that are kept, at most a third of {@code sharedBytes}; 0 for none
 * @param trainingSteps steps of one training
 * @param trainingFlops estimated floating point operations of one training
 * @param trainingTime how long one training may take
 * @param trainings how many trainings may run at the same time
 * @param answerBytes estimated bytes of an answer
 * @param pictureParts gates, inputs and literals that a picture shows
 * @param picturePixels pixels of a picture
 * @param threads threads that compute large work at the same time; 0 for one a processor
 */
@Validated
@ConfigurationProperties("chainrule.limits")
public record Limits(@Positive @DefaultValue("8388608") long bodyBytes, @Positive @DefaultValue("100000") int nodes,
        @Positive @DefaultValue("2000000") int derivedNodes, @Positive @DefaultValue("10000") int nesting,
        @Positive @DefaultValue("4194304") long tensorElements, @Positive @DefaultValue("1000000") long jacobianEntries,
        @Positive @DefaultValue("167772160") long bytes, @Positive @DefaultValue("20000000000") long flops,
        @NotNull @DurationMin(inclusive = false) @DefaultValue("10s") Duration time, @PositiveOrZero @DefaultValue("0") long sharedBytes,
        @NotNull @DurationMin @DefaultValue("300ms") Duration memoryWait, @PositiveOrZero @DefaultValue("67108864") long cacheBytes,
        @Positive @DefaultValue("100000") long trainingSteps,
        @Positive @DefaultValue("1000000000000") long trainingFlops,
        @NotNull @DurationMin(inclusive = false) @DefaultValue("60s") Duration trainingTime,
        @Positive @DefaultValue("4") int trainings, @Positive @DefaultValue("33554432") long answerBytes,
        @Positive @DefaultValue("600") int pictureParts, @Positive @DefaultValue("8388608") long picturePixels,
        @PositiveOrZero @DefaultValue("0") int threads) {

    /**
     * The memory for each byte of a body. A number takes at least two bytes of JSON, and 8 bytes of memory in each of its copies: the
     * request, the graph and the answer.
     */
    public static final int MEMORY_PER_BYTE_OF_BODY = 16;

    /** Of what a POST may cost, a link may cost this part. */
    private static final int PART_OF_LINKS = 10;
    private static final String PREFIX = "chainrule.limits.";

    /** The name of the property that sets a limit; its last part is the limit's name. */
    public static String property(String limit) {
        return PREFIX + limit;
    }

    /** The limits of requests that are made by following a link. */
    public Limits ofLinks() {
        return new Limits(bodyBytes, part(nodes), part(derivedNodes), part(nesting), Math.ceilDiv(tensorElements, PART_OF_LINKS),
                Math.ceilDiv(jacobianEntries, PART_OF_LINKS), Math.ceilDiv(bytes, PART_OF_LINKS), Math.ceilDiv(flops, PART_OF_LINKS),
                time.dividedBy(2).plusNanos(1), sharedBytes, memoryWait, cacheBytes, trainingSteps, trainingFlops, trainingTime, trainings,
                Math.ceilDiv(answerBytes, PART_OF_LINKS), pictureParts, picturePixels, threads);
    }

    /** The limits of jobs, which may take longer. */
    public Limits ofJobs(Duration ofJob, long steps, long inAll, int atOnce, long ofAnswer) {
        return new Limits(bodyBytes, nodes, derivedNodes, nesting, tensorElements, jacobianEntries, bytes, Math.max(flops, inAll), ofJob,
                sharedBytes, memoryWait, cacheBytes, steps, inAll, ofJob, atOnce, ofAnswer, pictureParts, picturePixels, threads);
    }

    private static int part(int limit) {
        return Math.ceilDiv(limit, PART_OF_LINKS);
    }
}
