package io.chainrule.web.v1.jobs;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.web.json.RawJson;
import io.chainrule.web.v1.CheckRequest;
import io.chainrule.web.v1.training.TrainRequest;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Asks for work that takes longer than a request. */
@Schema(name = "NewJob", additionalProperties = FALSE)
record JobRequest(
        @Schema(description = "What is to be done", allowableValues = {"train", "check", "reduce", "map", "fit"}, example = "train",
                requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String kind,
        @Schema(description = """
                For `train` and `check` the body for the endpoint of that name; for `reduce`, `map` and `fit` a program, a data set, and \
                what is asked of its rows""",
                anyOf = {TrainRequest.class, CheckRequest.class, ReduceRequest.class, MapRequest.class, FitRequest.class},
                requiredMode = Schema.RequiredMode.REQUIRED) @Nullable RawJson request){}
