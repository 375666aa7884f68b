package io.chainrule.web.v1.jobs;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.rows.RowPolicy.OnResult;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.json.ColumnNames;
import io.chainrule.web.v1.GraphProgram;
import io.chainrule.web.v1.NetworkInitializer;
import io.chainrule.web.v1.NetworkProgram;
import io.chainrule.web.v1.RowsRequest;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for sums, means and variances over the rows of a data set. */
@Schema(name = "ReduceRequest", additionalProperties = FALSE)
record ReduceRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Schema(description = INPUTS) @Nullable Map<String, Tensor> inputs, @Nullable Map<String, Tensor> parameters,
        @Nullable NetworkInitializer initializer,
        @Nullable Long seed, @Nullable String output, @Nullable List<String> wrt, @Nullable ArrayForm arrays,
        @Nullable String dataset, @Nullable Map<String, ColumnNames> columns, RowEngine.@Nullable Kind engine, @Nullable OnCell on_cell,
        @Nullable OnResult on_result,
        @Schema(implementation = String.class, allowableValues = {
                "none", "gradient", "hessian"}, description = """
                        Which derivatives of the output are reduced: "gradient" (default) by the names in `wrt`, "hessian" with the second \
                        derivatives, or "none".""") @Nullable Derivatives derivatives,
        @Schema(description = "Ids of nodes whose values are reduced, too", example = "[\"p\"]") @Nullable List<String> of,
        @Schema(description = "Whether variances are answered, which takes twice as long as sums and means; default false",
                example = "true") @Nullable Boolean variance,
        @Schema(description = "The delta degrees of freedom of variances, as NumPy calls them: 0 (default) or 1",
                example = "1") @Nullable Integer ddof)
        implements
            RowsRequest{
    static final String INPUTS = "The values of inputs that are the same for all rows, by name";
}
