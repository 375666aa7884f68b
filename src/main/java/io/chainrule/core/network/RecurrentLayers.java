package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.Constraint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Recurrent layers over sequences [batch, time, features]. Their cells are unrolled over time, and the state is zero at first. */
final class RecurrentLayers {
    static final LayerType SIMPLE_RNN = recurrent("simple_rnn", 1, 1, (scope, units, weightInput, weightHidden) -> {
        Node bias = scope.bias("bias", units);
        return (x, h) -> Ops.call("rnn_cell", x, h, weightInput, weightHidden, bias);
    }).describedAs("A state h that each step of time changes; the output is the last, or all of them.")
            .formula("h_t = \\tanh(x_t w + h_{t-1} u + b)").source("Elman 1990").bias("bias", "[units]");
    /** The state is the concatenation of h and c. */
    static final LayerType LSTM = recurrent("lstm", 4, 2, (scope, units, weightInput, weightHidden) -> {
        Node bias = scope.bias("bias", 4 * units);
        return (x, state) -> Ops.call("lstm_cell", x, part(state, 0, units), part(state, 1, units), weightInput, weightHidden, bias);
    }).describedAs("Long short-term memory: a cell c that gates keep, write and read; the output is the hidden state h.")
            .formula("i, f, g, o = x_t w + h_{t-1} u + b,\\quad c_t = \\sigma(f) c_{t-1} + \\sigma(i) \\tanh(g),\\quad "
                    + "h_t = \\sigma(o) \\tanh(c_t)")
            .source("Hochreiter and Schmidhuber 1997; torch.nn.LSTM").bias("bias", "[4 units]");
    static final LayerType GRU = recurrent("gru", 3, 1, (scope, units, weightInput, weightHidden) -> {
        Node biasInput = scope.bias("bias_input", 3 * units);
        Node biasHidden = scope.bias("bias_hidden", 3 * units);
        return (x, h) -> Ops.call("gru_cell", x, h, weightInput, weightHidden, biasInput, biasHidden);
    }).describedAs("Gated recurrent units: a state h of which gates keep a part.")
            .formula("h_t = (1 - \\sigma(z)) \\tanh(n) + \\sigma(z) h_{t-1}").source("Cho et al. 2014; torch.nn.GRU")
            .bias("bias_input", "[3 units]").bias("bias_hidden", "[3 units]");

    static final List<LayerType> ALL = List.of(SIMPLE_RNN, LSTM, GRU);

    private RecurrentLayers() {}

    /** Computes the next state from the input of one step of time. */
    private interface Cell {
        Node next(Node x, Node state);
    }

    private interface CellFactory {
        Cell make(LayerScope scope, int units, Node weightInput, Node weightHidden);
    }

    private static LayerType recurrent(String name, int gates, int states, CellFactory cells) {
        Attribute sequences = Attribute.optional("return_sequences", Attribute.Type.BOOLEAN, false,
                "answer every hidden state, not the last alone");
        Attribute units = BasicLayers.UNITS.with(Constraint.between(1, Integer.MAX_VALUE / gates));
        String wide = gates == 1 ? "units]" : gates + " units]";
        return LayerType.define(name, "batch", "time", "features").gives("batch", "units").options(units, sequences).activated()
                .weight("weight_input", "[features, " + wide).weight("weight_hidden", "[units, " + wide)
                .example(Map.of("units", 2), ExampleSpec.values(1, 3, 2)).as(a -> lowering(a, gates, states, cells));
    }

    private static LayerType.Lowering lowering(Attributes a, int gates, int states, CellFactory cells) {
        int units = a.integer("units");
        boolean all = a.flag("return_sequences");
        return (scope, x) -> {
            int features = x.shape().last();
            int wide = gates * units;
            Node weightInput = scope.weight("weight_input", Shape.of(features, wide), features, wide);
            Node weightHidden = scope.weight("weight_hidden", Shape.of(units, wide), units, wide);
            Cell cell = cells.make(scope, units, weightInput, weightHidden);
            Node zero = scope.zeros(Shape.of(x.shape().dim(0), states * units));
            return unrolled(x, zero, cell, state -> states == 1 ? state : part(state, 0, units), all);
        };
    }

    private static Node unrolled(Node x, Node zero, Cell cell, UnaryOperator<Node> hidden, boolean all) {
        int steps = x.shape().dim(1);
        if (steps == 0) {
            throw new ShapeException("needs at least one step of time", "[batch, time, features] with time from 1", x.shape().toString());
        }
        List<Node> states = new ArrayList<>();
        Node state = zero;
        for (int t = 0; t < steps; t++) {
            state = cell.next(Ops.index(x, ":", t), state);
            if (all) {
                states.add(hidden.apply(state));
            }
        }
        return all ? Ops.call("stack", Map.of("axis", 1), states.toArray(Node[]::new)) : hidden.apply(state);
    }

    private static Node part(Node state, int number, int units) {
        return Ops.index(state, "...", number * units + ":" + (number + 1) * units);
    }
}
