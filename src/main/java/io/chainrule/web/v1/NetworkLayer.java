package io.chainrule.web.v1;

import static io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue.FALSE;
import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.chainrule.web.json.AttributeDeserializer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/** A layer of a network. Which of the options a layer has depends on its type. */
@Schema(name = "Layer", description = "A layer of a network; which options it has depends on its type.", additionalProperties = FALSE)
record NetworkLayer(
        @Schema(description = """
                dense, conv1d, conv2d, conv_transpose2d, max_pool2d, avg_pool2d, global_avg_pool2d, flatten, reshape, activation, dropout, \
                batch_norm, layer_norm, group_norm, embedding, simple_rnn, lstm, gru, self_attention or residual""", example = "dense",
                requiredMode = REQUIRED) @Nullable String type,
        @Schema(description = "Its name, unique in the network; default: its type and a number", example = "hidden") @Nullable String name,
        @Schema(description = "Features of the output of dense, embedding and recurrent layers", example = "3") @Nullable Integer units,
        @Schema(description = "Channels of the output of a convolution", example = "8") @Nullable Integer filters,
        @Schema(description = "Of convolutions and pooling: a number, or one an axis",
                example = "3") @JsonDeserialize(using = AttributeDeserializer.class) @Nullable Object kernel_size,
        @Schema(description = "A number, or one an axis; default 1, in pooling kernel_size",
                example = "1") @JsonDeserialize(using = AttributeDeserializer.class) @Nullable Object stride,
        @Schema(description = "A number, or one an axis, 'same' or 'valid'; default 0",
                example = "same") @JsonDeserialize(using = AttributeDeserializer.class) @Nullable Object padding,
        @Schema(description = "Of convolutions: a number, or one an axis; default 1",
                example = "1") @JsonDeserialize(using = AttributeDeserializer.class) @Nullable Object dilation,
        @Schema(description = "Of conv_transpose2d: a number, or one an axis; default 0",
                example = "0") @JsonDeserialize(using = AttributeDeserializer.class) @Nullable Object output_padding,
        @Schema(description = "Of convolutions and group_norm: how many groups the channels form", example = "1") @Nullable Integer groups,
        @Schema(description = "Of embedding: how many indices there are", example = "100") @Nullable Integer vocabulary,
        @Schema(description = "Of dropout: how likely an element is left out, in training", example = "0.5") @Nullable Double rate,
        @Schema(description = "Of self_attention: how many heads the features form; default 1", example = "2") @Nullable Integer heads,
        @Schema(description = "Of self_attention: whether a position sees only those before it", example = "true") @Nullable Boolean causal,
        @Schema(description = "Of recurrent layers: every hidden state, not the last alone",
                example = "true") @Nullable Boolean return_sequences,
        @Schema(description = "Of layers with weights what follows them, of an activation layer what it is: an activation of the catalogue",
                example = "tanh") @Nullable String activation,
        @Schema(description = "Of maxout: how many neighbours compete", example = "2") @Nullable Integer pieces,
        @Schema(description = "Of reshape: the shape of one sample", example = "[8, 2]") @Nullable List<Integer> shape,
        @Schema(description = "Of norm layers: added to the variance; default 1e-5", example = "1e-5") @Nullable Double eps,
        @Schema(description = "Of the activations glu, maxout and softmax: the axis; default: the channels",
                example = "-1") @Nullable Integer axis,
        @Schema(description = "Of leaky_relu: the slope below 0", example = "0.01") @Nullable Double negative_slope,
        @Schema(description = "Of elu and celu: minus the limit at −∞; default 1", example = "1") @Nullable Double alpha,
        @Schema(description = "Of softplus: its sharpness; default 1", example = "1") @Nullable Double beta,
        @Schema(description = "Of gelu: 'none' or 'tanh'", example = "tanh") @Nullable String approximate,
        @Schema(description = "Of softshrink and hardshrink: up to this magnitude the result is 0", example = "0.5") @Nullable Double lambd,
        @Schema(description = "Of hard_tanh: its lower bound", example = "-1") @Nullable Double min,
        @Schema(description = "Of hard_tanh: its upper bound", example = "1") @Nullable Double max,
        @Schema(description = "Of threshold: up to here the result is `value`", example = "0") @Nullable Double threshold,
        @Schema(description = "Of threshold: the result up to the threshold", example = "0") @Nullable Double value,
        @Schema(description = "How its weights begin; default: the request's `initializer`") @Nullable NetworkInitializer initializer,
        @Schema(description = "Of residual: the layers whose output is added to what they read") @Nullable List<NetworkLayer> layers) {}
