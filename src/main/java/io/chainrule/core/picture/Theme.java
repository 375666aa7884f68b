package io.chainrule.core.picture;

/** Whether a picture is drawn on a light or a dark ground; {@code AUTO} follows the reader's preference where the format can. */
public enum Theme {
    LIGHT,
    DARK,
    AUTO;

    /** The colours that apply where the reader states no preference. */
    Palette palette() {
        return this == DARK ? Palette.DARK : Palette.LIGHT;
    }
}
