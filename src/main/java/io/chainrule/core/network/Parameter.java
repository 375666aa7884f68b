package io.chainrule.core.network;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;

/**
 * A trainable input of a lowered network. Its name has the form {@code layer.weight}.
 *
 * @param isWeight whether it is regularised; biases, embeddings and the parameters of norm layers are not
 */
public record Parameter(String name, Shape shape, InitializerSpec initializer, long fanIn, long fanOut, boolean isWeight) {
    /** Its initial value; a seed gives the same bits on every machine. */
    public Tensor initial(long seed) {
        return initial(seed, Checkpoint.NONE);
    }

    /** The same, with a checkpoint that {@code orthogonal} calls, because it can take long. */
    public Tensor initial(long seed, Checkpoint checkpoint) {
        return Initializers.draw(this, seed, checkpoint);
    }
}
