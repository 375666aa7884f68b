package io.chainrule.core.op;

import static io.chainrule.core.op.Composite.needs;
import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One step of recurrent layers, with PyTorch's formulas: from an input [..., in] and a state [..., units] to the next
 * state. Weights are [in, gates × units] and [units, gates × units], the gates side by side.
 */
final class Recurrence {
    private static final Tensor X = Tensor.vector(1, -0.5);
    private static final Tensor STATE = Tensor.vector(0.4);
    private static final String NEXT = "\\bar a = \\bar h' (1 - h'^2),";
    private static final String WEIGHTS = "\\ \\bar x = \\bar a w^\\mathsf{T},\\ \\bar w = x^\\mathsf{T} \\bar a,\\ "
            + "\\bar h = \\bar a u^\\mathsf{T},"
            + "\\ \\bar u = h^\\mathsf{T} \\bar a,\\ \\bar b = \\bar a";

    static final OpDefinition RNN = define("rnn_cell", x -> rnn(x[0], x[1], x[2], x[3], x[4]), "x", "h", "weight_input", "weight_hidden",
            "bias").formula("h' = \\tanh(x w + h u + b)", NEXT + WEIGHTS)
            .example("y = rnn_cell(x, h, weight_input, weight_hidden, bias)\nf = sum(y^2)", X, STATE, weight(2, 1), weight(1, 1),
                    ramp(1));
    static final OpDefinition LSTM = define("lstm_cell", x -> lstm(x[0], x[1], x[2], x[3], x[4], x[5]), "x", "h", "c", "weight_input",
            "weight_hidden", "bias")
            .formula("[i, f, g, o] = x w + h u + b,\\ c' = \\sigma(f) c + \\sigma(i) \\tanh g,\\ h' = \\sigma(o) \\tanh c'",
                    "\\bar i = \\bar c' \\tanh(g)\\, \\sigma'(i),\\ \\bar f = \\bar c' c\\, \\sigma'(f),\\ "
                            + "\\bar g = \\bar c' \\sigma(i) \\tanh'(g),"
                            + "\\ \\bar o = \\bar h' \\tanh(c')\\, \\sigma'(o),\\ \\bar c = \\bar c' \\sigma(f);\\ a = [i, f, g, o]:"
                            + WEIGHTS)
            .convention("the value is h' and c' side by side on the last axis")
            .example("y = lstm_cell(x, h, c, weight_input, weight_hidden, bias)\nf = sum(y^2)", X, STATE, Tensor.vector(-0.2),
                    weight(2, 4), weight(1, 4), ramp(4));
    static final OpDefinition GRU = define("gru_cell", x -> gru(x[0], x[1], x[2], x[3], x[4], x[5]), "x", "h", "weight_input",
            "weight_hidden", "bias_input", "bias_hidden")
            .formula("[r, z, n] = x w + b,\\ [r_h, z_h, n_h] = h u + b_h,"
                    + "\\ h' = (1 - \\sigma(z + z_h)) \\tanh(n + \\sigma(r + r_h)\\, n_h) + \\sigma(z + z_h)\\, h",
                    "\\bar z = \\bar h' (h - \\tanh m)\\, \\sigma'(z + z_h),\\ \\bar n = \\bar h' (1 - \\sigma(z + z_h)) \\tanh'(m),"
                            + "\\ \\bar n_h = \\bar n\\, \\sigma(r + r_h),\\ \\bar r = \\bar n\\, n_h\\, \\sigma'(r + r_h),\\ "
                            + "m = n + \\sigma(r + r_h)\\, n_h")
            .convention("the reset gate works after the product with weight_hidden")
            .example("y = gru_cell(x, h, weight_input, weight_hidden, bias_input, bias_hidden)\nf = sum(y^2)", X, STATE, weight(2, 3),
                    weight(1, 3), ramp(3), ramp(3));

    static final List<OpDefinition> ALL = List.of(RNN, LSTM, GRU);

    private Recurrence() {}

    private static OpDefinition define(String name, Function<Node[], Node> circuit, String... operands) {
        return OpDefinition.define(name, Family.COMPOSITE, operands).as(Composite.of(name, Map.of(), circuit));
    }

    private static Tensor weight(int rows, int columns) {
        return Tensor.of(Shape.of(rows, columns), ramp(rows * columns).data());
    }

    /** 0.3, −0.1, −0.5, ... */
    private static Tensor ramp(int n) {
        double[] values = new double[n];
        Arrays.setAll(values, i -> (3 - 4 * i) / 10.0);
        return Tensor.vector(values);
    }

    private static Node rnn(Node x, Node h, Node weightInput, Node weightHidden, Node bias) {
        checkWeights(x, h, weightInput, weightHidden, 1);
        needs("bias", Shape.of(h.shape().last()), bias);
        return tanh(add(add(matmul(x, weightInput), matmul(h, weightHidden)), bias));
    }

    private static Node lstm(Node x, Node h, Node c, Node weightInput, Node weightHidden, Node bias) {
        checkWeights(x, h, weightInput, weightHidden, 4);
        int units = h.shape().last();
        needs("bias", Shape.of(4 * units), bias);
        needs("c", h.shape(), c);
        Node gates = add(add(matmul(x, weightInput), matmul(h, weightHidden)), bias);
        Node kept = mul(sigmoid(gate(gates, 1, units)), c);
        Node cell = add(kept, mul(sigmoid(gate(gates, 0, units)), tanh(gate(gates, 2, units))));
        return Rearranging.join(-1, mul(sigmoid(gate(gates, 3, units)), tanh(cell)), cell);
    }

    private static Node gru(Node x, Node h, Node weightInput, Node weightHidden, Node biasInput, Node biasHidden) {
        checkWeights(x, h, weightInput, weightHidden, 3);
        int units = h.shape().last();
        needs("bias_input", Shape.of(3 * units), biasInput);
        needs("bias_hidden", Shape.of(3 * units), biasHidden);
        Node fromInput = add(matmul(x, weightInput), biasInput);
        Node fromState = add(matmul(h, weightHidden), biasHidden);
        Node reset = sigmoid(add(gate(fromInput, 0, units), gate(fromState, 0, units)));
        Node update = sigmoid(add(gate(fromInput, 1, units), gate(fromState, 1, units)));
        Node fresh = tanh(add(gate(fromInput, 2, units), mul(reset, gate(fromState, 2, units))));
        return add(mul(sub(1, update), fresh), mul(update, h));
    }

    private static void checkWeights(Node x, Node h, Node weightInput, Node weightHidden, int gates) {
        int in = x.shape().dim(x.shape().axis(-1));
        int units = h.shape().dim(h.shape().axis(-1));
        needs("weight_input", Shape.of(in, gates * units), weightInput);
        needs("weight_hidden", Shape.of(units, gates * units), weightHidden);
    }

    private static Node gate(Node gates, int number, int units) {
        return index(gates, List.of("...", number * units + ":" + (number + 1) * units));
    }

    private static Node tanh(Node x) {
        return unary(Trigonometry.TANH, x);
    }
}
