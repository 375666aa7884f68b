package io.chainrule.core.op;

/** What stands before and behind the operands of a call in a formula; {@code $0} and {@code $1} before are their places, if any. */
public record LatexForm(String before, String behind) {
    public boolean hasPlaces() {
        return before.indexOf('$') >= 0;
    }
}
