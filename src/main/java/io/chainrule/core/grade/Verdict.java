package io.chainrule.core.grade;

import java.util.Locale;

/** What a line of a backward pass is. */
public enum Verdict {
    RIGHT,
    WRONG,
    /** Right but for an error in a line before it. */
    FOLLOWS,
    NOT_A_CLAIM;

    /** The word in answers. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
