package io.chainrule.web.v1.catalogue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.chainrule.core.language.Language;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.service.program.CatalogueService.OpExample;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.v1.GradientResponse;
import io.chainrule.web.v1.ResponseMapper;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An op of the catalogue. */
@Schema(name = "Op", description = "An op of the catalogue.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record OpResponse(
        @Schema(description = "Its name", example = "relu") String name,
        @Schema(description = "How it is called: operands, then attributes in the order in which they follow without their names, "
                + "with their defaults. Attributes behind * are given by name; … stands for more operands, or a value that must be "
                + "given, [, y] for an operand that may be left out",
                example = "sum(x, axis=None, keepdims=false)") String call,
        @Schema(description = "How its derivative follows from its definition", allowableValues = {
                "elementwise", "movement", "linear", "bilinear", "custom", "composite"}) String family,
        @Schema(description = "Names of its operands, in order", example = "[\"x\"]") List<String> operands,
        @Schema(description = "Whether the last operand may be given any number of times") boolean variadic,
        @Schema(description = "Whether the last operand may be left out") @JsonProperty("last_optional") boolean lastOptional,
        @Schema(description = "Its attributes") List<AttributeResponse> attributes,
        @Schema(description = "Other names that it goes by") List<String> aliases,
        @Schema(description = "Its value, in LaTeX", example = "\\max(0, x)") String formula,
        @Schema(description = "Its derivative, in LaTeX; y is the value, an overline marks a cotangent",
                example = "[x > 0]") String derivative,
        @Schema(description = "What holds at kinks, jumps and singular points; in Korean, by `Accept-Language`, for activations and "
                + "other common ops",
                example = "at 0 the derivative is 0") @Nullable String convention,
        @Schema(description = "The circuit of primitive ops that it stands for, with the attributes and shapes of its example; "
                + "absent for a primitive, and only where one op is asked for",
                example = "1 / (1 + exp(-x))") @Nullable String circuit,
        @Schema(description = "A request with its answer; only where one op is asked for") @Nullable ExampleResponse example){

    /** An attribute of an op. */
    @Schema(name = "OpAttribute", description = "An attribute that an op takes, by keyword.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AttributeResponse(
            @Schema(description = "Its name", example = "axis") String name,
            @Schema(description = "What it may be", example = "whole number") String type,
            @Schema(description = "Whether it must be given") boolean required,
            @Schema(description = "What it is when it is not given") @JsonProperty("default") @Nullable Object defaultValue,
            @Schema(description = "Which values of its type it takes; absent where all of them",
                    example = "at least 1") @Nullable String constraint,
            @Schema(description = "What it does") String description) {

        static AttributeResponse of(Attribute attribute) {
            return new AttributeResponse(attribute.name(), attribute.type().description(), attribute.required(),
                    attribute.defaultValue(), attribute.constraint() == null ? null : attribute.constraint().text(),
                    attribute.description());
        }
    }

    /** A request to /v1/gradient and its response. */
    @Schema(name = "OpExample", description = "A request to /v1/gradient and its answer.")
    record ExampleResponse(
            @Schema(description = "The request") ExampleRequest request,
            @Schema(description = "Its answer") GradientResponse answer) {}

    /** The request of an example. */
    @Schema(name = "OpExampleRequest", description = "A body that can be posted to /v1/gradient.")
    record ExampleRequest(
            @Schema(description = "The program") String expression,
            @Schema(description = "Values of its inputs") Map<String, EncodedTensor> inputs) {}

    static OpResponse of(OpDefinition op, @Nullable String circuit, @Nullable OpExample example, Language language) {
        return new OpResponse(op.name(), op.callForm().text(op.name(), op.operands(), op.attributes()),
                op.family().name().toLowerCase(Locale.ROOT), op.operands(), op.callForm().isVariadic(),
                op.callForm().isLastOptional(),
                op.attributes().stream().map(AttributeResponse::of).toList(), op.aliases(),
                op.formula(), op.derivative(), convention(op, language), circuit, example == null ? null : example(example, language));
    }

    private static @Nullable String convention(OpDefinition op, Language language) {
        if (op.convention() == null) {
            return null;
        }
        Phrase phrase = Phrase.ofEnglish("convention", op.convention());
        return phrase.isIn(language) ? phrase.in(language) : op.convention();
    }

    private static ExampleResponse example(OpExample example, Language language) {
        ResponseMapper mapper = new ResponseMapper(ArrayForm.NESTED, language);
        return new ExampleResponse(new ExampleRequest(example.expression(), mapper.encode(example.inputs())),
                mapper.gradient(example.answer()));
    }
}
