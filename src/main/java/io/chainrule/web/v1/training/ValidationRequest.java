package io.chainrule.web.v1.training;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Data that the program is evaluated on but not trained with. */
@Schema(additionalProperties = FALSE)
record ValidationRequest(
        @Schema(description = """
                Values in place of those of the request's `inputs`; all inputs in `batch` must be there.\
                """) @Nullable Map<String, Tensor> inputs) {}
