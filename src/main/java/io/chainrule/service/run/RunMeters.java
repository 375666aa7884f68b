package io.chainrule.service.run;

import io.chainrule.core.kernel.Kernels;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.springframework.stereotype.Component;

/** The meters of permits, lines, memory and kernels. All but the time in line are read when somebody asks. */
@Component
final class RunMeters implements MeterBinder {
    private static final String SIZE = "size";
    private static final String COMPUTE = "For how long permits to compute were held, by the size of the work";

    private final Turns turns;
    private final Budget budget;

    RunMeters(Turns turns, Budget budget) {
        this.turns = turns;
        this.budget = budget;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (WorkSize size : WorkSize.values()) {
            bindSize(registry, size);
        }
        bindLane(registry, "tiny", turns.lane(WorkSize.TINY));
        bindLane(registry, "large", turns.large());
        bindBytes(registry, "used", "Reserved by requests at work", Budget::used);
        bindBytes(registry, "kept", "Kept between requests: compiled functions and models", Budget::kept);
        bindBytes(registry, "total", "Shared by requests and what is kept", Budget::total);
        Gauge.builder("chainrule.kernels", () -> 1).tag("set", Kernels.best().name())
                .description("The loops over arrays that this machine has").register(registry);
    }

    private void bindSize(MeterRegistry registry, WorkSize size) {
        Lane lane = turns.lane(size);
        String name = size.name().toLowerCase(Locale.ROOT);
        Gauge.builder("chainrule.queue.waiting", lane, it -> it.of(size, share -> share.waiting)).tag(SIZE, name)
                .description("Requests that wait for a permit to compute").register(registry);
        Gauge.builder("chainrule.queue.running", lane, it -> it.of(size, share -> share.running)).tag(SIZE, name)
                .description("Requests that compute").register(registry);
        FunctionCounter.builder("chainrule.compute", lane, it -> it.of(size, share -> share.used)).tag(SIZE, name).baseUnit("seconds")
                .description(COMPUTE).register(registry);
        Timer waits = Timer.builder("chainrule.queue.wait").tag(SIZE, name)
                .description("How long work waited for a permit to compute").register(registry);
        lane.tellWaits(size, nanos -> waits.record(nanos, TimeUnit.NANOSECONDS));
    }

    private static void bindLane(MeterRegistry registry, String name, Lane lane) {
        Gauge.builder("chainrule.permits.held", lane, Lane::held).tag("lane", name).description("Permits to compute that are held")
                .register(registry);
        Gauge.builder("chainrule.permits", lane, Lane::permits).tag("lane", name).description("Permits to compute")
                .register(registry);
    }

    private void bindBytes(MeterRegistry registry, String name, String description, ToDoubleFunction<Budget> bytes) {
        Gauge.builder("chainrule.memory." + name, budget, bytes).baseUnit("bytes").description(description).register(registry);
    }
}
