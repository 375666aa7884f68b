package io.chainrule.web.v1.keys;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.chainrule.service.access.ApiKeys;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Quotas of one key, in place of the service's; 0 for any amount. */
@Schema(additionalProperties = FALSE)
@JsonInclude(JsonInclude.Include.NON_NULL)
record KeyQuotas(@Schema(description = "Requests a minute", example = "600") @Nullable Long requests,
        @Schema(description = "Seconds for which cores work for the client, an hour",
                example = "600") @JsonProperty("compute_seconds") @Nullable Long computeSeconds,
        @Schema(description = "Bytes of bodies and answers, an hour", example = "1073741824") @Nullable Long bytes,
        @Schema(description = "Trainings at the same time", example = "1") @Nullable Integer trainings) {

    ApiKeys.OwnQuotas ownQuotas() {
        return new ApiKeys.OwnQuotas(requests, computeSeconds, bytes, trainings);
    }
}
