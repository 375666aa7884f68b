package io.chainrule.core.network;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;

/**
 * An input of a lowered network that training moves, called {@code layer.weight}.
 *
 * @param isWeight whether regularization applies: not to biases, norm layers and embeddings
 */
public record Parameter(String name, Shape shape, InitializerSpec initializer, long fanIn, long fanOut, boolean isWeight) {
    /** Its initial value; a seed gives the same bits on every machine. */
    public Tensor initial(long seed) {
        return initial(seed, Checkpoint.NONE);
    }

    /** The same. {@code orthogonal} can take long, and calls the checkpoint. */
    public Tensor initial(long seed, Checkpoint checkpoint) {
        return Initializers.draw(this, seed, checkpoint);
    }
}
