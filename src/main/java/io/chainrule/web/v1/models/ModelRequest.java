package io.chainrule.web.v1.models;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.v1.GraphProgram;
import io.chainrule.web.v1.NetworkInitializer;
import io.chainrule.web.v1.NetworkProgram;
import io.chainrule.web.v1.StoreRequest;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model that is to be stored: a program, with the values of those inputs that are kept. */
@Schema(name = "NewModel", additionalProperties = FALSE)
record ModelRequest(@Nullable String expression, @Nullable GraphProgram graph, @Nullable NetworkProgram network, @Nullable String model,
        @Schema(description = """
                Values of the inputs that are kept with the model; each call gives the others. A value is a number, nested arrays of \
                numbers, or an array object. Of a `model` that is stored again they replace what it keeps, in the same shapes; so do \
                `parameters` of a network.""", example = "{\"W\": [[1, 2], [3, 4]], \"b\": [0, 1]}") @Nullable Map<String, Tensor> inputs,
        @Nullable Map<String, Tensor> parameters, @Nullable NetworkInitializer initializer, @Nullable Long seed, @Nullable String output,
        @Schema(description = """
                What is known of the inputs that each call gives, by name. An input that is not here may have any shape. Values of other \
                shapes are refused. The order is that of arguments, after the parameters of a definition with which a text ends; inputs \
                that are not here follow. A `model` that is stored again keeps its order, and of each input what is not said here; where it is \
                stored as nodes, its free axes may get lengths, and other lengths stay. Of a value that is kept only the shape is declared. A network knows the shapes of its data, and a \
                shape that is declared of them must fit.""") @Nullable Map<String, ModelInputSpec> declares,
        @Schema(description = """
                What nodes of the program are, by id; left out: what a `model` that is stored again says of those that are still there. An empty object clears it""",
                example = "{\"p\": \"probabilities of the classes\"}") @Nullable Map<String, String> outputs,
        @Schema(description = """
                What the model is, up to 2,000 characters; left out: as a `model` that is stored again has it. An empty text clears it""",
                example = "Digits, trained on MNIST") @Nullable String description,
        @Schema(description = "Under which licence it may be used, up to 200 characters; left out and empty as for `description`",
                example = "CC-BY-4.0") @Nullable String licence,
        @Schema(description = """
                Up to 20 words by which lists are filtered, each of up to 40 letters, digits, `.`, `_` and `-`; left out and empty as for `description`""",
                example = "[\"vision\"]") @Nullable List<String> tags,
        @Nullable Language lang)
        implements
            StoreRequest {}
