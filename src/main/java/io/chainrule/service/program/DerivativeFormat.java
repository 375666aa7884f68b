package io.chainrule.service.program;

import io.chainrule.core.code.Language;
import org.jspecify.annotations.Nullable;

/** What an answer adds to the derivatives, which it always gives as text, LaTeX, MathML and nodes: a function in a programming language. */
public enum DerivativeFormat {
    EXPRESSION(null),
    LATEX(null),
    MATHML(null),
    NUMPY(Language.NUMPY),
    JAVA(Language.JAVA),
    JAVASCRIPT(Language.JAVASCRIPT),
    C(Language.C);

    private final @Nullable Language language;

    DerivativeFormat(@Nullable Language language) {
        this.language = language;
    }

    /** Null where nothing is added. */
    @Nullable
    Language language() {
        return language;
    }
}
