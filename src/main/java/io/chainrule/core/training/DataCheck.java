package io.chainrule.core.training;

import io.chainrule.core.ValueChecks;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for samples that a program refuses whatever its parameters are, such as labels that name no class or indices of no row. They
 * are reported before the first step; otherwise the shuffled step that reads them would fail.
 */
final class DataCheck {
    private final Trainable program;
    private final @Nullable ValueChecks checks;
    private final int rows;

    DataCheck(Trainable program) {
        this.program = program;
        this.rows = program.samples();
        List<String> changing = new ArrayList<>(program.parameters());
        changing.addAll(program.statistics());
        if (program.step() != null) {
            changing.add(program.step());
        }
        checks = rows == 0 ? null : ValueChecks.of(program.function(), program.data(), changing);
    }

    /** The cost of one run. */
    CostModel cost() {
        return checks == null ? CostModel.NONE : checks.cost();
    }

    /** Throws {@link ProblemException} for the first sample that is refused, with the sample's place if that is known. */
    void run(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data, int samples, Parallel parallel,
            boolean isValidation) {
        if (checks == null) {
            return;
        }
        StepRun run = new StepRun(program, checks.start(parallel));
        run.placeParameters(parameters, statistics);
        run.placeStep(0);
        int[] order = IntStream.range(0, samples).toArray();
        for (int done = 0; done < samples; done += rows) {
            int from = Math.min(done, samples - rows);
            if (problem(run, data, order, from) != null) {
                throw first(checks, run, data, from, isValidation);
            }
        }
    }

    private static @Nullable ProblemException problem(StepRun run, Map<String, Tensor> data, int[] order, int from) {
        try {
            run.placeSamples(data, order, from);
            run.run();
            return null;
        } catch (ProblemException e) {
            return e;
        }
    }

    /** Finds the refused sample by filling all rows of a batch with one sample at a time. */
    private ProblemException first(ValueChecks refusing, StepRun run, Map<String, Tensor> data, int from, boolean isValidation) {
        int[] same = new int[rows];
        for (int sample = from; sample < from + rows; sample++) {
            Arrays.fill(same, sample);
            ProblemException e = problem(run, data, same, 0);
            if (e != null) {
                return located(e, refusing.sources(e), sample, isValidation);
            }
        }
        return Objects.requireNonNull(problem(run, data, IntStream.range(from, from + rows).toArray(), 0));
    }

    private ProblemException located(ProblemException e, List<String> sources, int sample, boolean isValidation) {
        if (sources.isEmpty()) {
            return e;
        }
        List<String> names = program.data().stream().filter(sources::contains).toList();
        return new ProblemException(e.problems().stream().map(problem -> {
            // The op's message has a position within the batch, which says nothing here: every row is this sample.
            var said = problem.message("sample " + sample + ": " + problem.message().replaceFirst(" at \\[0(, [^\\]]*)?]", ""));
            return names.size() != 1
                    ? said
                    : said.operand(null).at(place(isValidation, names.getFirst()).item(sample));
        }).toList());
    }

    private static Place place(boolean isValidation, String input) {
        return isValidation ? Place.setting("validation", "inputs", input) : Place.setting("inputs", input);
    }
}
