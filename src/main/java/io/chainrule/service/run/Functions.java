package io.chainrule.service.run;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Compiled;
import io.chainrule.core.Program;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import java.util.function.Function;
import java.util.function.Supplier;
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

    /** Makes the work of a request from its reservation, its turn and its limits; closing the work closes the reservation. */
    public interface Opening<W> {
        W open(Budget.Reservation reservation, Turn turn, BuildLimits limits);
    }

    /** The compiled function of a transformation; {@code type} is the class of that transformation's functions. */
    public <F extends Compiled> Work<F> open(Query query, Transformation transformation, Class<F> type) {
        return opened(admission.turn(), (reservation, turn, limits) -> {
            Signature signature = query.signature(transformation);
            F function = type.cast(compiled(query.source(), signature, turn, limits));
            return Work.of(function, function.bound(), query, admission.runner(turn), limits, reservation);
        });
    }

    /** The function of a program and a signature, under the caller's own turn and limits. */
    public Compiled compiled(Source source, Signature signature, Turn turn, BuildLimits limits) {
        return Spans.within("compile", () -> cache.get(source, signature, turn, limits));
    }

    /** Binds a program that is only described, not run. */
    public Work<BoundProgram> describe(Query query, Signature signature) {
        return opened(admission.turn(), (reservation, turn, limits) -> {
            BoundProgram bound = Program.of(query.source(), limits.nesting()).bind(signature, limits);
            return new Work<>(bound, bound, query.inputs(), null, admission.runner(turn), limits, query.remarks(), reservation);
        });
    }

    /** Writes something about the program when it is the turn of this thread's request; {@code kind} tells what takes how long. */
    public <T> T write(Work<?> about, Class<?> kind, Supplier<T> text) {
        return admission.write(kind, about.bound().program().graph().size(), text);
    }

    /** Prepares something of a program, such as the form in which it is stored, within the limits of a request. */
    public <T> T prepared(Function<BuildLimits, T> work) {
        Turn turn = admission.turn();
        try (Budget.Reservation reservation = admission.reserve()) {
            return work.apply(admission.buildLimits(reservation::add, turn));
        }
    }

    /** Opens work with a new reservation. If that fails, the reservation is released. */
    public <W> W opened(Turn turn, Opening<W> opening) {
        Budget.Reservation reservation = admission.reserve();
        try {
            return opening.open(reservation, turn, admission.buildLimits(reservation::add, turn));
        } catch (RuntimeException | Error e) {
            reservation.close();
            throw e;
        }
    }
}
