package io.chainrule.service.jobs;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.LocalEngine;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.bulk.SparkEngine;
import io.chainrule.service.bulk.SparkProperties;
import io.chainrule.service.program.AnswerSize;
import io.chainrule.service.program.CheckService;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.FunctionCache;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.training.TrainingService;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** The services by which kinds of jobs check what is asked and do the work, within the limits of jobs. */
@Component
@EnableConfigurationProperties({JobProperties.class, SparkProperties.class})
public final class KindServices {
    private static final Map<String, String> PROPERTIES = Map.of("training-steps", "steps", "training-flops", "flops", "flops", "flops",
            "answer-bytes", "answer-bytes", "time", "time");

    private final Limits limits;
    private final Admission admission;
    private final TrainingService training;
    private final CheckService checks;
    private final Functions functions;
    private final LocalEngine engine;
    private final @Nullable SparkEngine spark;

    public KindServices(Admission admission, FunctionCache cache, JobProperties properties, SparkProperties spark) {
        limits = admission.limits().ofJobs(properties.time(), properties.steps(), properties.flops(), properties.threads(),
                properties.answerBytes());
        this.admission = admission.within(limits);
        functions = new Functions(this.admission, cache);
        // A job that is ended by the end of the service stores its state, and does not answer with what it has.
        training = new TrainingService(functions, this.admission, () -> {});
        checks = new CheckService(functions, limits);
        engine = new LocalEngine(this.admission);
        this.spark = spark.isOn() ? new SparkEngine(this.admission, spark) : null;
    }

    public Limits limits() {
        return limits;
    }

    public TrainingService training() {
        return training;
    }

    public CheckService checks() {
        return checks;
    }

    public Functions functions() {
        return functions;
    }

    public LocalEngine engine() {
        return engine;
    }

    /** The engine of a kind; empty if it is not configured. */
    public Optional<RowEngine> engine(RowEngine.Kind kind) {
        return Optional.ofNullable(kind == RowEngine.Kind.LOCAL ? engine : spark);
    }

    /** What work of this cost comes to as a job. */
    public JobCost cost(CostModel cost, long total, String unit) {
        return new JobCost(cost.flops(), admission.seconds(cost), total, unit);
    }

    /** How often all rows are read and worked on. */
    public record Passes(BulkWork work, long times) {}

    /**
     * What passes over rows cost together.
     *
     * @throws LimitException beyond the limit on operations
     */
    public JobCost cost(List<Passes> all, long total, String unit) {
        CostModel cost = CostModel.NONE;
        double seconds = 0;
        for (Passes passes : all) {
            cost = cost.plus(passes.work().cost().times(passes.times()));
            seconds += passes.times() * admission.secondsToRead(passes.work().bytes());
        }
        LimitException.check("flops", cost.flops(), limits.flops());
        return all.stream().anyMatch(passes -> passes.work().count() < 0)
                ? new JobCost(-1, JobRun.NOT_KNOWN, total, unit)
                : new JobCost(cost.flops(), admission.seconds(cost) + seconds, total, unit);
    }

    /**
     * Throws {@link LimitException} if an answer would be too large.
     *
     * @param quantities whose arrays are answered
     * @param times how many arrays there are for each of them
     * @param numbers the count of further numbers in the answer, as those of a history
     */
    public void checkAnswer(List<RowQuantity> quantities, int times, long numbers, boolean isBase64) {
        AnswerSize size = new AnswerSize(isBase64).named(Map.of("history", Shape.of(Math.clamp(numbers, 0, Integer.MAX_VALUE))));
        for (RowQuantity quantity : quantities) {
            for (int time = 0; time < times; time++) {
                size.named(Map.of(quantity.name(), quantity.shape()));
            }
        }
        size.check(limits);
    }

    /** Estimated seconds of a pass over all rows; less than 0 if nobody has counted them. */
    public double secondsAPass(BulkWork work) {
        return cost(List.of(new Passes(work, 1)), 1, "").seconds();
    }

    /** Estimated seconds of one core for a row. */
    public double secondsARow(BulkWork work) {
        return admission.seconds(work.function().cost()) / work.function().block();
    }

    /** The name of the property that sets a limit for jobs. */
    public static String property(String limit) {
        String own = PROPERTIES.get(limit);
        return own == null ? Limits.property(limit) : "chainrule.jobs." + own;
    }
}
