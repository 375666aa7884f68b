package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Layers that carry a state, zero at first, along the time of sequences [batch, time, features]: their cells unrolled. */
final class RecurrentLayers {
    static final LayerType SIMPLE_RNN = recurrent("simple_rnn", 1, 1, (scope, units, weightInput, weightHidden) -> {
        Node bias = scope.bias("bias", units);
        return (x, h) -> Ops.call("rnn_cell", x, h, weightInput, weightHidden, bias);
    });
    /** The state is h and c side by side. */
    static final LayerType LSTM = recurrent("lstm", 4, 2, (scope, units, weightInput, weightHidden) -> {
        Node bias = scope.bias("bias", 4 * units);
        return (x, state) -> Ops.call("lstm_cell", x, part(state, 0, units), part(state, 1, units), weightInput, weightHidden, bias);
    });
    static final LayerType GRU = recurrent("gru", 3, 1, (scope, units, weightInput, weightHidden) -> {
        Node biasInput = scope.bias("bias_input", 3 * units);
        Node biasHidden = scope.bias("bias_hidden", 3 * units);
        return (x, h) -> Ops.call("gru_cell", x, h, weightInput, weightHidden, biasInput, biasHidden);
    });

    static final List<LayerType> ALL = List.of(SIMPLE_RNN, LSTM, GRU);

    private RecurrentLayers() {}

    /** The next state. */
    private interface Cell {
        Node next(Node x, Node state);
    }

    private interface CellFactory {
        Cell make(LayerScope scope, int units, Node weightInput, Node weightHidden);
    }

    private static LayerType recurrent(String name, int gates, int states, CellFactory cells) {
        Attribute sequences = Attribute.optional("return_sequences", Attribute.Type.BOOLEAN, false,
                "answer every hidden state, not the last alone");
        return LayerType.define(name, "batch", "time", "features").options(BasicLayers.UNITS, sequences).activated().as(a -> {
            int units = a.integer("units", 1, Integer.MAX_VALUE / gates);
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
        });
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
