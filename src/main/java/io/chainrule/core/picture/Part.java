package io.chainrule.core.picture;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a picture of a circuit shows between wires: a node of the program, a literal at the place where it is used, or several
 * nodes.
 *
 * @param id the node's id; of a literal one that no node has
 * @param op the name of its op
 * @param symbol what stands inside the gate; empty where the part has none, as an input
 * @param name what the client calls it; of a literal its number
 * @param isNamed whether the client gave it that name
 * @param note what else there is to say of it, in a few words; or empty
 * @param group what it belongs to where a large circuit is drawn by parts: a statement, or a layer of a network; null for nothing
 * @param nodes how many nodes of the program it stands for; 0 for a literal
 * @param value null where it is not known
 * @param gradient null where it is not known, or not to be shown
 * @param valueStep the step of the computation that finds the value; 0 for what is given
 * @param gradientStep the step that finds the gradient; 0 where there is none
 */
record Part(String id, String op, String symbol, String name, boolean isNamed, Kind kind, String note, @Nullable String group, int nodes,
        Shape shape,
        @Nullable Tensor value, @Nullable Tensor gradient, int valueStep, int gradientStep) {

    enum Kind {
        INPUT,
        CONSTANT,
        LITERAL,
        GATE,
        /** Several nodes, drawn as one. */
        CLUSTER
    }

    boolean isLeaf() {
        return kind != Kind.GATE && kind != Kind.CLUSTER;
    }
}
