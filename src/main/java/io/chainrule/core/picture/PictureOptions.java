package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import org.jspecify.annotations.Nullable;

/**
 * How a circuit is drawn.
 *
 * @param digits significant digits of the numbers beside the wires
 * @param step after how many steps of the computation the picture is taken; null for all of them
 * @param gradients whether gradients are shown
 * @param wires what the widths of wires show; contributions only of an outcome that has them
 */
public record PictureOptions(Theme theme, int digits, @Nullable Integer step, boolean gradients, ClusterForm clusters, WireWidth wires,
        Language language) {
    /** Enough to read a double back. */
    public static final int MOST_DIGITS = 17;
    public static final int DEFAULT_DIGITS = 3;
    public static final PictureOptions DEFAULT = new PictureOptions(Theme.AUTO, DEFAULT_DIGITS, null, true, ClusterForm.AUTO,
            WireWidth.PLAIN, Language.EN);

    public PictureOptions {
        if (digits < 1 || digits > MOST_DIGITS) {
            throw new IllegalArgumentException("numbers are shown with 1 to " + MOST_DIGITS + " digits, not " + digits);
        }
    }
}
