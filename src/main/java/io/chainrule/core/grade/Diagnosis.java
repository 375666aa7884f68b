package io.chainrule.core.grade;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.expression.Misfit;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the mistakes of wrong lines, and for what these should say. A guess that cannot be computed or is too large is no guess, so
 * the verdicts are told whatever happens to the guesses.
 */
final class Diagnosis {
    private final BackwardPass pass;
    private final Sheet sheet;
    private final Map<Integer, Tensor> given;
    private final Runner runner;
    private final BuildLimits limits;
    private final Effort effort = new Effort();
    /** The bytes of the largest sheet on which mistakes were looked for. */
    private long peak;

    /** {@code sheet} has the true derivatives; guesses are on sheets of their own. */
    Diagnosis(BackwardPass pass, Sheet sheet, Map<Integer, Tensor> given, Runner runner, BuildLimits limits) {
        this.pass = pass;
        this.sheet = sheet;
        this.given = given;
        this.runner = runner;
        this.limits = limits;
    }

    /**
     * A mistake and what the line should say.
     *
     * @param expression null if it is not known
     */
    record Found(Recogniser.Finding finding, @Nullable String expression) {}

    /**
     * @param known the mistake, if it need not be looked for
     * @param finite the points where the line and what it should be are finite
     * @param compared the points at which the expected expression is compared with the true derivative
     */
    Found of(Claim claim, @Nullable Mistake known, List<Map<Integer, Tensor>> finite, Supplier<List<Map<Integer, Tensor>>> compared) {
        Recogniser.Finding untried = found(Mistake.OTHER, Recogniser.UNTRIED);
        if (!effort.hasTime()) {
            return new Found(untried, null);
        }
        Recogniser.Finding tried = known != null ? found(known) : attempt(() -> recogniser().find(claim, finite));
        Recogniser.Finding finding = tried == null ? untried : tried;
        return new Found(finding, expression(claim, finding, compared));
    }

    /** The same for a line that cannot be computed. */
    Found of(Claim claim, Misfit misfit, List<Map<Integer, Tensor>> points) {
        Recogniser.Finding tried = attempt(() -> recogniser().repair(claim, misfit, points));
        Recogniser.Finding finding = tried == null ? found(Mistake.WRONG_SHAPE) : tried;
        return new Found(finding, expression(claim, finding, () -> points));
    }

    private @Nullable String expression(Claim claim, Recogniser.Finding finding, Supplier<List<Map<Integer, Tensor>>> points) {
        return attempt(() -> new ExpectedLine(finding.sheet(), pass, limits, runner, claim).of(claim, finding.mended(), points.get()));
    }

    private static <T> @Nullable T attempt(Supplier<@Nullable T> trial) {
        try {
            return trial.get();
        } catch (ShapeException | ProblemException | LimitException e) {
            return null;
        }
    }

    private Recogniser.Finding found(Mistake mistake, String... names) {
        return new Recogniser.Finding(mistake, List.of(names), null, sheet);
    }

    /** Looks for mistakes on a sheet of its own, whose memory is free again when the line is marked. */
    private Recogniser recogniser() {
        AtomicLong taken = new AtomicLong();
        Sheet own = new Sheet(pass, limits, bytes -> {
            limits.checkpoint().check();
            long more = taken.addAndGet(bytes) - peak;
            if (more > 0) {
                limits.growth().accept(more);
                peak += more;
            }
        });
        return new Recogniser(own, pass, given, runner, effort);
    }
}
