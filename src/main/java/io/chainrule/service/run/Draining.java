package io.chainrule.service.run;

import io.chainrule.core.tensor.ShutdownException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The end of the service. First its readiness goes, then requests are still taken for {@code chainrule.drain-delay}, until whoever routes
 * them here has seen that; then trainings end with what they have, and the server takes nothing more and finishes what it has.
 */
@Component
public final class Draining implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

    private final ApplicationContext context;
    private final Duration delay;
    private volatile boolean isRunning;
    private volatile boolean isEnding;

    public Draining(ApplicationContext context, @Value("${chainrule.drain-delay:0s}") Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("chainrule.drain-delay is " + delay + ", but must be 0 or longer");
        }
        this.context = context;
        this.delay = delay;
    }

    /** Throws {@link ShutdownException} once long work has to end. */
    public void check() {
        if (isEnding) {
            throw new ShutdownException();
        }
    }

    /** Before the server stops. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }

    /** At the first start the application itself says when it is ready; after a stop only this can say so. */
    @Override
    public void start() {
        if (isEnding) {
            AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
        }
        isEnding = false;
        isRunning = true;
    }

    @Override
    public void stop() {
        AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        isEnding = true;
        isRunning = false;
        LOG.info("The service ends: trainings answer with what they have, and no further requests are taken");
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }
}
