package io.chainrule.service.program;

/** How a derivative is printed: as a textbook does, or in the form that keeps its digits, which is always the one that runs. */
public enum DerivativeForm {
    TEXTBOOK,
    STABLE
}
