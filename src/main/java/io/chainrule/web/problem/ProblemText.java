package io.chainrule.web.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The texts about a type of problem: title, meaning, how to fix it, and a request that causes it. They are read from {@code problems.json},
 * by code.
 */
public record ProblemText(String title, String meaning, String cure, @Nullable Example example) {
    private static final Map<String, ProblemText> TEXTS = load();

    /** A request that causes the problem, and the pointer that its error has. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Example(String endpoint, String body, @Nullable String pointer) {}

    static ProblemText of(ProblemType type) {
        return Objects.requireNonNull(TEXTS.get(type.code()), type.code());
    }

    private static Map<String, ProblemText> load() {
        try (InputStream file = ProblemText.class.getResourceAsStream("/problems.json")) {
            return new JsonMapper().readValue(Objects.requireNonNull(file), new TypeReference<Map<String, ProblemText>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
