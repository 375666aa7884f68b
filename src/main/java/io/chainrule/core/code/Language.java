package io.chainrule.core.code;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The languages in which a function can be written. */
public enum Language {
    NUMPY("NumPy", null),
    JAVA("Java", new JavaDialect()),
    JAVASCRIPT("JavaScript", new JavaScriptDialect()),
    C("C", new CDialect());

    private final String title;
    private final @Nullable Dialect dialect;

    Language(String title, @Nullable Dialect dialect) {
        this.title = title;
        this.dialect = dialect;
    }

    /** The name of the language. */
    public String title() {
        return title;
    }

    Dialect dialect() {
        return Objects.requireNonNull(dialect, title);
    }
}
