package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;

/** Helpers for {@link io.chainrule.core.graph.Op#batch}, where operands have a leading batch axis. */
final class Batched {
    private Batched() {}

    /** A batch of arrays, each with axes of length 1 in front until it has {@code rank}. */
    static Node withRank(Node batch, int rank) {
        Shape shape = batch.shape();
        int[] dims = new int[rank + 1];
        Arrays.fill(dims, 1);
        dims[0] = shape.dim(0);
        for (int i = 1; i < shape.rank(); i++) {
            dims[rank + 1 - shape.rank() + i] = shape.dim(i);
        }
        return Maths.reshape(batch, Shape.of(dims));
    }

    /** The operands of an op that broadcasts, with the batch axis in front of all others. */
    static Node[] aligned(Node[] operands, boolean[] batched) {
        int rank = 0;
        for (int k = 0; k < operands.length; k++) {
            rank = Math.max(rank, operands[k].shape().rank() - (batched[k] ? 1 : 0));
        }
        Node[] aligned = new Node[operands.length];
        for (int k = 0; k < operands.length; k++) {
            aligned[k] = batched[k] ? withRank(operands[k], rank) : operands[k];
        }
        return aligned;
    }

    /** The operands of an op, each as a batch of n: those that are not batched are repeated. */
    static Node[] all(Node[] operands, boolean[] batched, int n) {
        Node[] all = new Node[operands.length];
        for (int k = 0; k < all.length; k++) {
            Node x = operands[k];
            all[k] = batched[k] ? x : Maths.broadcastTo(x, Shape.of(n).concat(x.shape()));
        }
        return all;
    }
}
