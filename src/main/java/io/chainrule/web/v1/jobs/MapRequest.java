package io.chainrule.web.v1.jobs;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.rows.RowPolicy.OnResult;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.web.json.ColumnNames;
import io.chainrule.web.v1.GraphProgram;
import io.chainrule.web.v1.NetworkInitializer;
import io.chainrule.web.v1.NetworkProgram;
import io.chainrule.web.v1.RowsRequest;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for what a program comes to for each row of a data set, as another data set. */
@Schema(name = "MapRequest", additionalProperties = FALSE)
record MapRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Schema(description = ReduceRequest.INPUTS) @Nullable Map<String, Tensor> inputs, @Nullable Map<String, Tensor> parameters,
        @Nullable NetworkInitializer initializer,
        @Nullable Long seed, @Nullable String output, @Nullable List<String> wrt,
        @Nullable String dataset, @Nullable Map<String, ColumnNames> columns, RowEngine.@Nullable Kind engine, @Nullable OnCell on_cell,
        @Nullable OnResult on_result,
        @Schema(implementation = String.class, allowableValues = {"none", "gradient", "hessian"}, description = """
                Which derivatives of the output are written: "gradient" (default) by the names in `wrt`, "hessian" with the second \
                derivatives, or "none".""") @Nullable Derivatives derivatives,
        @Schema(description = "Ids of nodes, inputs too, whose values are written, each in a column of its name",
                example = "[\"p\"]") @Nullable List<String> of,
        @Schema(description = """
                The name of the data set that the results become, in place of what it stands for now; needs the scope `datasets:write`""",
                example = "scores", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String save_as,
        @Schema(description = "How the results are written; default `jsonl`", allowableValues = {"jsonl", "parquet"},
                example = "parquet") @Nullable String format)
        implements
            RowsRequest{}
