package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.picture.Theme;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for a plot of a program: of its inputs without a value, of which there are one or two. */
@Schema(additionalProperties = FALSE)
public record PlotRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network,
        @Nullable String model,
        @Nullable Map<String, Tensor> inputs, @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer,
        @Nullable Boolean training, @Nullable Long seed, @Nullable String output,
        @Schema(example = "{\"x\": [-2, 2]}", description = """
                What the axes show, from and to, by input; default -4 to 4.""") @Nullable Map<String, List<Double>> ranges,
        @Schema(example = "[[1, 1], [0.5, 0.2]]", description = """
                Points that a plot of two inputs connects, such as those of a minimization.""") @Nullable List<List<Double>> path,
        @Schema(description = """
                A descent along the negative gradient, whose points a plot of two inputs connects.""") @Nullable Descent descent,
        @Schema(implementation = String.class, allowableValues = {
                "light", "dark", "auto"}, description = """
                        The ground that the picture is for: "light", "dark", or "auto" (default), which follows the reader's \
                        preference.""") @Nullable Theme theme,
        @Schema(implementation = String.class, allowableValues = {"en", "ko"},
                description = """
                        The language of the words in the picture and of its description; default: what `Accept-Language` prefers, \
                        else "en".""") @Nullable Language lang)
        implements
            ProgramRequest{

    @Schema(name = "PlotDescent", additionalProperties = FALSE)
    public record Descent(
            @Schema(description = "Where it starts, by input", example = "{\"x\": -1, \"y\": 1}") @Nullable Map<String, Double> start,
            @Schema(description = "The gradient is multiplied by this for each step; default 0.1.",
                    example = "0.1") @Nullable Double learning_rate,
            @Schema(description = "Default 50, at most 500.", example = "50") @Nullable Integer steps) {}
}
