package io.chainrule.core.picture;

/** What the width of a wire tells: nothing, or how much goes back along it, which the gate adds to the gradient of what it reads. */
public enum WireWidth {
    PLAIN,
    CONTRIBUTION
}
