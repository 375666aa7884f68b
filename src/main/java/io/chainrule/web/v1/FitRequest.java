package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.language.Language;
import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.rows.RowPolicy.OnResult;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.json.ColumnNames;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for the parameters that make the mean of a program's value over the rows of a data set small. */
@Schema(name = "FitRequest", additionalProperties = FALSE)
record FitRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Nullable Map<String, Tensor> inputs, @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer,
        @Nullable Long seed, @Nullable String output, @Nullable List<String> wrt, @Nullable ArrayForm arrays, @Nullable Language lang,
        @Nullable String dataset, @Nullable Map<String, ColumnNames> columns, RowEngine.@Nullable Kind engine, @Nullable OnCell on_cell,
        @Nullable OnResult on_result,
        @Schema(description = "How many steps of L-BFGS are made at most; default 100", example = "100") @Nullable Integer iterations,
        @Schema(description = "The end is reached where no element of the gradient is larger; default 1e-8",
                example = "1e-6") @Nullable Double tolerance,
        @Schema(description = """
                The end is reached where a step changes the loss by no more than this, relative to the loss or to 1; default 0""",
                example = "1e-12") @Nullable Double change_tolerance,
        @Schema(description = "A data set with the same columns, whose mean loss is answered, too",
                example = "points_held_out") @Nullable String validation)
        implements
            RowsRequest {}
