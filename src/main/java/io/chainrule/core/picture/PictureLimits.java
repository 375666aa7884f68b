package io.chainrule.core.picture;

import io.chainrule.core.tensor.Checkpoint;
import java.util.function.LongConsumer;

/**
 * What a picture may cost.
 *
 * @param parts the most gates, inputs and literals that are laid out
 * @param pixels the most pixels of an image
 * @param taken is told the bytes that drawing takes before it takes them; may throw
 */
public record PictureLimits(int parts, long pixels, LongConsumer taken, Checkpoint checkpoint) {
    public static final PictureLimits NONE = new PictureLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, _ -> {}, Checkpoint.NONE);
}
