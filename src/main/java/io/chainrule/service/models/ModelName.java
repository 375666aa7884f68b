package io.chainrule.service.models;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a request names a model: {@code digits} for what the alias {@code latest} names, {@code digits:3} for a version, {@code digits@prod}
 * for what another alias names.
 *
 * @param version 0 if there is an alias
 * @param alias null if there is a version
 */
public record ModelName(String name, int version, @Nullable String alias) {
    /** The alias that each new version gets. */
    public static final String LATEST = "latest";
    /** The pattern of names and aliases, as error messages show it. */
    public static final String FORM = "[a-z][a-z0-9_]{0,62}";

    private static final Pattern NAME = Pattern.compile(FORM);
    private static final Pattern REFERENCE = Pattern.compile("(" + FORM + ")(?::([1-9][0-9]{0,8})|@(" + FORM + "))?");

    /** Whether a model, or an alias, may have this name. */
    public static boolean isLegal(String name) {
        return NAME.matcher(name).matches();
    }

    /** Reads a reference; empty if it is none. */
    public static Optional<ModelName> of(String text) {
        Matcher parts = REFERENCE.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String version = parts.group(2);
        String alias = parts.group(3);
        return Optional.of(version == null
                ? new ModelName(parts.group(1), 0, alias == null ? LATEST : alias)
                : new ModelName(parts.group(1), Integer.parseInt(version), null));
    }

    /** The name without a version or an alias. */
    static String nameOf(String reference) {
        return of(reference).map(ModelName::name).orElse(reference);
    }

    static ModelName latest(String name) {
        return new ModelName(name, 0, LATEST);
    }
}
