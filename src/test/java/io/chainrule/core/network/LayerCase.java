package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One way to use a layer, and what it stands for: an expression of {@code x} and its parameters, called as in
 * {@code layer.weight}, for a batch of two samples.
 */
record LayerCase(LayerSpec layer, Shape sample, String meaning) {
    private static final String TO_CHANNELS = "c = transpose(x, axes=[0, 2, 1])\n";
    private static final String RNN = loop("h = zeros(shape=[2, 2])", "h = rnn_cell(x[:, t], h, weight_input, weight_hidden, bias)");
    private static final String LSTM = loop("s = zeros(shape=[2, 4])",
            "s = lstm_cell(x[:, t], s[:, 0:2], s[:, 2:4], weight_input, weight_hidden, bias)");
    private static final String GRU = loop("h = zeros(shape=[2, 2])",
            "h = gru_cell(x[:, t], h, weight_input, weight_hidden, bias_input, bias_hidden)");
    private static final String PROJECTIONS = """
            q = x @ weight_query + bias_query
            k = x @ weight_key + bias_key
            v = x @ weight_value + bias_value
            """;
    private static final String TWO_HEADS = """
            a = scaled_dot_product_attention(q[:, :, 0:2], k[:, :, 0:2], v[:, :, 0:2])
            b = scaled_dot_product_attention(q[:, :, 2:4], k[:, :, 2:4], v[:, :, 2:4])
            concatenate(a, b, axis=2) @ weight_output + bias_output
            """;
    private static final String RNN_SEQUENCE = """
            a = tanh(x[:, 0] @ weight_input + bias)
            b = tanh(x[:, 1] @ weight_input + a @ weight_hidden + bias)
            c = tanh(x[:, 2] @ weight_input + b @ weight_hidden + bias)
            softplus(stack(a, b, c, axis=1))
            """;
    private static final String LSTM_SEQUENCE = """
            z = zeros(shape=[2, 2])
            a = lstm_cell(x[:, 0], z, z, weight_input, weight_hidden, bias)
            b = lstm_cell(x[:, 1], a[:, 0:2], a[:, 2:4], weight_input, weight_hidden, bias)
            c = lstm_cell(x[:, 2], b[:, 0:2], b[:, 2:4], weight_input, weight_hidden, bias)
            stack(a[:, 0:2], b[:, 0:2], c[:, 0:2], axis=1)
            """;

    static final List<LayerCase> ALL = List.of(
            of("dense", "3", Map.of("units", 2.0), "x @ weight + bias"),
            of("dense", "2,3", Map.of("units", 2.0, "activation", "tanh"), "tanh(x @ weight + bias)"),
            of("dense", "3", Map.of("units", 4.0, "activation", "maxout", "pieces", 2.0), "maxout(x @ weight + bias, pieces=2)"),
            of("dense", "3", Map.of("units", 2.0, "activation", "prelu"), "prelu(x @ weight + bias, slope)"),
            of("conv1d", "5,2", Map.of("filters", 3.0, "kernel_size", 2.0, "stride", 2.0, "padding", 1.0),
                    TO_CHANNELS + "transpose(conv1d(c, weight, bias, stride=2, padding=1), axes=[0, 2, 1])"),
            of("conv1d", "4,2", Map.of("filters", 2.0, "kernel_size", 3.0, "padding", "same", "groups", 2.0, "activation", "softmax"),
                    TO_CHANNELS + "softmax(transpose(conv1d(c, weight, bias, padding='same', groups=2), axes=[0, 2, 1]))"),
            of("conv2d", "2,3,4", Map.of("filters", 2.0, "kernel_size", 2.0), "conv2d(x, weight, bias)"),
            of("conv2d", "2,4,3",
                    Map.of("filters", 4.0, "kernel_size", List.of(2.0, 1.0), "stride", List.of(1.0, 2.0), "padding", "same", "dilation",
                            List.of(2.0, 1.0), "groups", 2.0, "activation", "glu"),
                    "glu(conv2d(x, weight, bias, padding='same', groups=2, stride=[1, 2], dilation=[2, 1]), axis=1)"),
            of("conv2d", "1,3,3", Map.of("filters", 2.0, "kernel_size", 3.0, "padding", "valid", "activation", "softmax", "axis", 3.0),
                    "softmax(conv2d(x, weight, bias), axis=3)"),
            of("conv_transpose2d", "2,2,3",
                    Map.of("filters", 4.0, "kernel_size", 2.0, "stride", 2.0, "padding", 1.0, "groups", 2.0, "output_padding", 1.0),
                    "conv_transpose2d(x, weight, bias, stride=2, padding=1, groups=2, output_padding=1)"),
            of("max_pool2d", "2,4,4", Map.of("kernel_size", 2.0), "max_pool2d(x, kernel_size=2)"),
            of("avg_pool2d", "1,4,5", Map.of("kernel_size", List.of(2.0, 3.0), "stride", 2.0, "padding", 1.0),
                    "avg_pool2d(x, kernel_size=[2, 3], stride=2, padding=1)"),
            of("global_avg_pool2d", "3,2,2", Map.of(), "global_avg_pool2d(x)"),
            of("flatten", "2,3", Map.of(), "reshape(x, shape=[2, 6])"),
            of("reshape", "6", Map.of("shape", List.of(3.0, -1.0)), "reshape(x, shape=[2, 3, 2])"),
            of("activation", "3", Map.of("activation", "leaky_relu", "negative_slope", 0.3), "leaky_relu(x, negative_slope=0.3)"),
            of("activation", "4,2,2", Map.of("activation", "maxout", "pieces", 2.0), "maxout(x, pieces=2, axis=1)"),
            of("dropout", "3", Map.of("rate", 0.5), "x + 0"),
            of("batch_norm", "3", Map.of(), "batch_norm(x, weight, bias, running_mean, running_variance)"),
            of("batch_norm", "3,2", Map.of("eps", 0.1, "activation", "relu"),
                    "relu(batch_norm(x, weight, bias, running_mean, running_variance, axis=2, eps=0.1))"),
            of("batch_norm", "2,2,3", Map.of(), "batch_norm(x, weight, bias, running_mean, running_variance, axis=1)"),
            of("layer_norm", "2,3", Map.of("eps", 0.01), "layer_norm(x, weight, bias, eps=0.01)"),
            of("group_norm", "4,2,2", Map.of("groups", 2.0), "group_norm(x, weight, bias, groups=2)"),
            of("group_norm", "2,4", Map.of("groups", 2.0),
                    TO_CHANNELS + "transpose(group_norm(c, weight, bias, groups=2), axes=[0, 2, 1])"),
            of("embedding", "3", Map.of("vocabulary", 4.0, "units", 2.0), "embedding(x, weight)"),
            of("simple_rnn", "3,2", Map.of("units", 2.0), RNN + "h + 0"),
            of("simple_rnn", "3,2", Map.of("units", 2.0, "return_sequences", true, "activation", "softplus"),
                    RNN_SEQUENCE),
            of("lstm", "3,3", Map.of("units", 2.0), LSTM + "s[:, 0:2]"),
            of("lstm", "3,3", Map.of("units", 2.0, "return_sequences", true),
                    LSTM_SEQUENCE),
            of("gru", "3,2", Map.of("units", 2.0), GRU + "h + 0"),
            of("self_attention", "3,2", Map.of("causal", true),
                    PROJECTIONS + "scaled_dot_product_attention(q, k, v, causal=true) @ weight_output + bias_output"),
            of("self_attention", "3,4", Map.of("heads", 2.0),
                    PROJECTIONS + TWO_HEADS),
            new LayerCase(Networks.layer("residual", "l", Map.of("activation", "tanh"),
                    Networks.layer("residual", "r", Map.of(), Networks.layer("dense", "d", Map.of("units", 3.0)))),
                    Shape.of(3), "tanh(x + (x + (x @ d_weight + d_bias)))"));

    static LayerCase of(String type, String sample, Map<String, Object> options, String meaning) {
        int[] dims = Stream.of(sample.split(",", -1)).mapToInt(Integer::parseInt).toArray();
        return new LayerCase(Networks.layer(type, "l", options), Shape.of(dims), meaning);
    }

    private static String loop(String start, String body) {
        return start + "\nfor t in 0:3\n  " + body + "\n";
    }

    String type() {
        return Objects.requireNonNull(layer.type());
    }

    NetworkSpec network() {
        return Networks.network(sample, null, layer);
    }

    @Override
    public String toString() {
        return type() + layer.options() + sample;
    }
}
