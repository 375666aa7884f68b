package io.chainrule.web.v1.jobs;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.rows.RowPolicy.OnResult;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.json.ColumnNames;
import io.chainrule.web.v1.EarlyStoppingRequest;
import io.chainrule.web.v1.GraphProgram;
import io.chainrule.web.v1.NetworkInitializer;
import io.chainrule.web.v1.NetworkProgram;
import io.chainrule.web.v1.OptimizerRequest;
import io.chainrule.web.v1.RowsRequest;
import io.chainrule.web.v1.ScheduleRequest;
import io.chainrule.web.v1.StepsRequest;
import io.chainrule.web.v1.models.SaveRequest;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for the parameters that make the mean of a program's value over the rows of a data set small. */
@Schema(name = "FitRequest", additionalProperties = FALSE)
record FitRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Schema(description = ReduceRequest.INPUTS) @Nullable Map<String, Tensor> inputs, @Nullable Map<String, Tensor> parameters,
        @Nullable NetworkInitializer initializer,
        @Nullable Long seed, @Nullable String output,
        @Schema(description = """
                The inputs that are fitted. They must be named, but for those of a network, whose parameters are all fitted by default, and \
                of a model, of which all values that it keeps are.""",
                example = "[\"w\"]") @Nullable List<String> wrt,
        @Nullable ArrayForm arrays,
        @Nullable String dataset, @Nullable Map<String, ColumnNames> columns, RowEngine.@Nullable Kind engine, @Nullable OnCell on_cell,
        @Schema(implementation = String.class, allowableValues = {"fail", "skip", "keep"},
                description = """
                        What becomes of a row that has no finite loss and gradient at the start, also of the validation data: it ends the job ("fail", the \
                        default), is left out ("skip"), or its loss is as it is, NaN where the program refuses the row ("keep"). With "skip", L-BFGS \
                        stays where these rows have none. With an `optimizer` a row is looked at when a step reads it, and has a loss neither \
                        there nor at the start. A row that has one at the start is always kept: where it has none later, L-BFGS makes the step shorter, \
                        and a fit with an `optimizer` ends.""") @Nullable OnResult on_result,
        @Schema(description = """
                Steps over a few rows each, as `/v1/train` makes them; a type alone, as a string, has its defaults. Without it all rows make \
                each step, by L-BFGS.""") @Nullable OptimizerRequest optimizer,
        @Nullable ScheduleRequest schedule, @Nullable Integer epochs, @Nullable Integer steps, @Nullable Integer batch_size,
        @Nullable Long shuffle_seed, @Nullable Double clip_norm, @Nullable EarlyStoppingRequest early_stopping,
        @Schema(description = "How many steps of L-BFGS are made at most, up to 100,000; default 100",
                example = "100") @Nullable Integer iterations,
        @Schema(description = "The end is reached where no element of the gradient is larger; default 1e-8",
                example = "1e-6") @Nullable Double tolerance,
        @Schema(description = """
                The end is reached where a step changes the loss by no more than this, relative to the loss or to 1; default 0""",
                example = "1e-12") @Nullable Double change_tolerance,
        @Schema(description = "A data set with the same columns, whose mean loss is answered, too, of steps after each epoch",
                example = "points_held_out") @Nullable String validation,
        @Schema(description = """
                Stores the program with the parameters that were found as a model, which keeps all values in `inputs` and those that \
                models kept before, and is called with the inputs that come from columns. Needs the scope \
                `models:write`.""") @Nullable SaveRequest save_as)
        implements
            RowsRequest,
            StepsRequest{}
