package io.chainrule.web.v1.catalogue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.network.LayerType;
import io.chainrule.core.network.LossType;
import io.chainrule.core.op.Catalogue;
import io.chainrule.service.program.TypeCatalogue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A type of layer, loss, initializer, optimizer or schedule. */
@Schema(name = "CatalogueType", description = "A type of layer, loss, initializer, optimizer or schedule.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record TypeResponse(
        @Schema(description = "What a request calls it", example = "dense") String name,
        @Schema(description = "What it does") String description,
        @Schema(description = "The same in LaTeX", example = "y = x w + b") @Nullable String formula,
        @Schema(description = "Who described it, and what it is called elsewhere", example = "He et al. 2016") @Nullable String source,
        @Schema(description = "Of a layer: the axes of its input; … stands for any number of axes",
                example = "[\"batch\", \"…\", \"features\"]") @Nullable List<String> input,
        @Schema(description = "Of a layer: the axes of its output",
                example = "[\"batch\", \"…\", \"units\"]") @Nullable List<String> output,
        @Schema(description = "Of a layer: whether it has `layers` of its own") @Nullable Boolean nested,
        @Schema(description = """
                Of a layer: its parameters and running statistics, which a network calls `layer.weight` and so on\
                """) @Nullable List<ParameterResponse> parameters,
        @Schema(description = "Of a loss: the op of the catalogue of ops that it is", example = "mse_loss") @Nullable String op,
        @Schema(description = "Of a loss: the shape of its target", example = "the shape of the output") @Nullable String target,
        @Schema(description = """
                Fields that stand beside its name; where a layer has an activation, the attributes of that stand there too\
                """) List<OpResponse.AttributeResponse> options,
        @Schema(description = "A request that uses it") ExampleResponse example) {

    /** A parameter of a layer. */
    @Schema(name = "TypeParameter", description = "A parameter, or running statistic, of a layer.")
    record ParameterResponse(@Schema(description = "Its name within the layer", example = "weight") String name,
            @Schema(description = "Its shape, in terms of the input's axes and of options", example = "[features, units]") String shape,
            @Schema(description = "What it begins with", example = "the initializer") String initial) {}

    /** A request that works as it stands. */
    @Schema(name = "TypeExample", description = "A request that runs as it stands.")
    record ExampleResponse(@Schema(description = "Where to post it", example = "/v1/gradient") String endpoint,
            @Schema(description = "The body") Map<String, Object> request) {}

    static TypeResponse of(TypeCatalogue catalogue, Catalogue.Entry type) {
        LayerType layer = type instanceof LayerType of ? of : null;
        LossType loss = type instanceof LossType of ? of : null;
        return new TypeResponse(type.name(), type.description(), type.formula(), type.source(), layer == null ? null : layer.axes(),
                layer == null ? null : layer.output(), layer == null ? null : layer.isNested(),
                layer == null ? null : layer.parameters().stream().map(TypeResponse::parameter).toList(),
                loss == null ? null : loss.op().name(), loss == null ? null : loss.target().shape(),
                type.options().stream().map(OpResponse.AttributeResponse::of).toList(), ExampleRequests.of(catalogue, type));
    }

    private static ParameterResponse parameter(LayerType.Parameters parameter) {
        return new ParameterResponse(parameter.name(), parameter.shape(), parameter.initial());
    }
}
