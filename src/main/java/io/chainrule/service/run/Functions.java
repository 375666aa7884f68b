package io.chainrule.service.run;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Compiled;
import io.chainrule.core.Program;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.execution.Deadline;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Provides the function that a query asks for, from the cache or by compiling it. */
@Component
public final class Functions {
    private final Admission admission;
    private final FunctionCache cache;

    public Functions(Admission admission, FunctionCache cache) {
        this.admission = admission;
        this.cache = cache;
    }

    /** Makes the work of a request from its reservation, its deadline and its limits; closing the work closes the reservation. */
    public interface Opening<W> {
        W open(Budget.Reservation reservation, Deadline deadline, BuildLimits limits);
    }

    /** The compiled function of a transformation; {@code type} is the class of that transformation's functions. */
    public <F extends Compiled> Work<F> open(Query query, Transformation transformation, Class<F> type) {
        return opened(admission.limits().time(), (reservation, deadline, limits) -> {
            Signature signature = query.signature(transformation);
            F function = type.cast(cache.get(query.source(), signature, deadline, limits));
            return Work.of(function, function.bound(), query, admission.runner(deadline), limits, reservation);
        });
    }

    /** The function of a program and a signature, under the caller's own deadline and limits. */
    public Compiled compiled(Source source, Signature signature, Deadline deadline, BuildLimits limits) {
        return cache.get(source, signature, deadline, limits);
    }

    /** Binds a program that is only described, not run. */
    public Work<BoundProgram> describe(Query query, Signature signature) {
        return opened(admission.limits().time(), (reservation, deadline, limits) -> {
            BoundProgram bound = Program.of(query.source(), limits.nesting()).bind(signature, limits);
            return new Work<>(bound, bound, query.inputs(), null, admission.runner(deadline), limits, query.remarks(), reservation);
        });
    }

    /** Opens work with a new reservation and a deadline after {@code time}. If that fails, the reservation is released. */
    public <W> W opened(Duration time, Opening<W> opening) {
        Deadline deadline = Deadline.after(time);
        Budget.Reservation reservation = admission.reserve();
        try {
            return opening.open(reservation, deadline, admission.buildLimits(reservation::add, deadline));
        } catch (RuntimeException e) {
            reservation.close();
            throw e;
        }
    }
}
