package io.chainrule.service.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a key, or a token's {@code scope}, allows. */
public enum Scope {
    /** All that computes, draws or describes a program. */
    COMPUTE,
    TRAIN,
    MODELS_WRITE,
    JOBS,
    DATASETS_READ,
    DATASETS_WRITE,
    /** To read the meters. */
    METRICS,
    /** Keys, backups, and what is told of the build. */
    ADMIN;

    /** The scopes that open what this one opens. */
    public Set<Scope> opening() {
        return this == DATASETS_READ ? EnumSet.of(DATASETS_READ, DATASETS_WRITE) : EnumSet.of(this);
    }

    /** As clients write it, such as {@code models:write}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ':');
    }

    public static Optional<Scope> of(String text) {
        return Arrays.stream(values()).filter(scope -> scope.text().equals(text)).findFirst();
    }

    /** Parses scopes with spaces between them. */
    static Set<Scope> all(String texts) {
        return Arrays.stream(texts.split(" ")).flatMap(text -> of(text).stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Scope.class)));
    }
}
