package io.chainrule.benchmark;

import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Rows f, g, h, i, o and k: networks and work on large arrays, with gradients; and what a gradient costs beside its value. */
final class ModelRows {

    /**
     * A program to differentiate, and the same in TorchScript.
     *
     * @param least how many times as fast as PyTorch ours is to be
     * @param most how many times as long as the value alone the value with its gradient may take
     */
    private record Model(String row, String work, double least, double most, Supplier<Map<String, Tensor>> inputs, String program,
            String torch, String... wrt) {
        Comparison besidePeer(int threads) {
            return Comparison.of(row, work, () -> Chainrule.gradient(program, inputs.get(), threads, wrt))
                    .peer("PyTorch", least, () -> Torch.gradient(torch, inputs.get(), wrt)).threads(threads).build();
        }

        /** The time of the value and the gradient, beside the time of the value. */
        Comparison besideValue() {
            return Comparison.of("k", "gradient of: " + work, () -> Chainrule.gradientBesideValue(program, inputs.get(), wrt))
                    .peer("ours, the value alone", 1 / most, () -> Chainrule.value(program, inputs.get())).build();
        }
    }

    private static final Model PERCEPTRON = new Model("f", "MLP 784-256-128-10, batch 64, loss and gradients", 1, 3,
            () -> Data.with(Data.normal(0.05, "x", 64, 784, "W1", 784, 256, "b1", 256, "W2", 256, 128, "b2", 128, "W3", 128, 10, "b3", 10),
                    Map.of("y", Data.labels(64, 10))),
            """
                    h1 = relu(x @ W1 + b1)
                    h2 = relu(h1 @ W2 + b2)
                    loss = cross_entropy(h2 @ W3 + b3, y)
                    """,
            """
                    h1 = torch.relu(torch.addmm(b1, x, W1))
                    h2 = torch.relu(torch.addmm(b2, h1, W2))
                    f = torch.cross_entropy_loss(torch.addmm(b3, h2, W3), torch.to(y, 4))
                    """,
            "W1", "b1", "W2", "b2", "W3", "b3");
    private static final Model ELEMENTWISE = new Model("g", "sum(sigmoid(x) * tanh(y) + exp(-x^2) * z), 1,000,000 elements, gradients", 3,
            4,
            () -> Data.normal(1, "x", 1_000_000, "y", 1_000_000, "z", 1_000_000),
            "sum(sigmoid(x) * tanh(y) + exp(-x^2) * z)",
            "f = (torch.sigmoid(x) * torch.tanh(y) + torch.exp(-(x * x)) * z).sum()",
            "x", "y", "z");
    private static final Model CONVOLUTIONS = new Model("h",
            "conv net 1×28×28, 8 and 16 filters 3×3, pools, dense, batch 32, loss and gradients",
            1, 4,
            () -> Data.with(
                    Data.normal(0.1, "x", 32, 1, 28, 28, "K1", 8, 1, 3, 3, "b1", 8, "K2", 16, 8, 3, 3, "b2", 16, "W", 400, 10, "b", 10),
                    Map.of("y", Data.labels(32, 10))),
            """
                    h1 = max_pool2d(relu(conv2d(x, K1, b1)), kernel_size=2)
                    h2 = max_pool2d(relu(conv2d(h1, K2, b2)), kernel_size=2)
                    loss = cross_entropy(reshape(h2, shape=[32, 400]) @ W + b, y)
                    """,
            """
                    h1 = torch.max_pool2d(torch.relu(torch.conv2d(x, K1, b1)), [2, 2])
                    h2 = torch.max_pool2d(torch.relu(torch.conv2d(h1, K2, b2)), [2, 2])
                    f = torch.cross_entropy_loss(torch.addmm(b, torch.reshape(h2, [32, 400]), W), torch.to(y, 4))
                    """,
            "K1", "b1", "K2", "b2", "W", "b");
    private static final Model RECURRENT = new Model("i", "LSTM, 64 sequences × 50 steps × 16 → 64 units, loss and gradients", 1.5, 4,
            () -> Data.normal(0.3, "x", 64, 50, 16, "W", 16, 256, "U", 64, 256, "b", 256),
            """
                    h = zeros(shape=[64, 64])
                    c = zeros(shape=[64, 64])
                    for t in range(50):
                      s = lstm_cell(x[:, t], h, c, W, U, b)
                      h = s[:, :64]
                      c = s[:, 64:]
                    loss = mean(h^2)
                    """,
            """
                    zero = torch.zeros([1, 64, 64], dtype=7)
                    weights = [W.t().contiguous(), U.t().contiguous(), b, torch.zeros_like(b)]
                    _0, h, _1 = torch.lstm(x, [zero, zero], weights, True, 1, 0., True, False, True)
                    f = (h * h).mean()
                    """,
            "W", "U", "b");
    private static final Model CROSS_ENTROPY = new Model("o", "softmax cross entropy 4096×1000, gradient", 1.5, 4,
            () -> Data.with(Data.normal(1, "x", 4096, 1000), Map.of("y", Data.labels(4096, 1000))),
            "cross_entropy(x, y)",
            "f = torch.cross_entropy_loss(x, torch.to(y, 4))",
            "x");
    private static final Model LAYER_NORM = new Model("o", "layer norm 4096×512, gradients", 1.5, 4,
            () -> Data.normal(1, "x", 4096, 512, "w", 512, "b", 512, "t", 4096, 512),
            "sum(layer_norm(x, w, b) * t)",
            "f = (torch.layer_norm(x, [512], w, b) * t).sum()",
            "x", "w", "b");
    private static final Model ATTENTION = new Model("o", "attention 8 heads × 256 × 64, gradients", 1.1, 3,
            () -> Data.normal(1, "q", 8, 256, 64, "k", 8, 256, 64, "v", 8, 256, 64, "t", 8, 256, 64),
            "sum(scaled_dot_product_attention(q, k, v) * t)",
            "f = (torch.scaled_dot_product_attention(q, k, v) * t).sum()",
            "q", "k", "v");
    private static final List<Model> MODELS = List.of(PERCEPTRON, ELEMENTWISE, CONVOLUTIONS, RECURRENT, CROSS_ENTROPY, LAYER_NORM,
            ATTENTION);

    private ModelRows() {}

    static List<Comparison> all() {
        List<Comparison> rows = new ArrayList<>();
        for (Model model : MODELS) {
            rows.add(model.besidePeer(1));
            rows.add(model.besidePeer(2));
        }
        MODELS.forEach(model -> rows.add(model.besideValue()));
        return rows;
    }
}
