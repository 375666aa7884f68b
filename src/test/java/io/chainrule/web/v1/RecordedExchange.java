package io.chainrule.web.v1;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.json.JsonMapper;

/** A request and the answer that was recorded. {@code recorded/record.py} records answers anew that were changed on purpose. */
record RecordedExchange(String name, String method, String path, @Nullable Map<String, String> headers, @Nullable String request,
        int status, @Nullable String type, String answer) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int SHOWN_BEFORE = 60;
    private static final int SHOWN_AFTER = 100;
    /** Costs follow the plan of a run, which may become better. */
    private static final Pattern COST = Pattern.compile("\"cost\":\\{[^}]*}");
    /** So do sizes that are beyond a limit; where counting stopped there, it is told since that it did. */
    private static final Pattern ASKED = Pattern.compile("(needs |\"actual\":\")(?:more than )?\\d+");

    /** Every request has an id of its own. */
    private static final Pattern REQUEST_ID = Pattern.compile("\"request_id\":\"[^\"]*\",");

    /** The version of the page changes with any byte of its files. */
    private static final Pattern PAGE_VERSION = Pattern.compile("/page/[0-9a-f]{16}/");

    /** Those of the files that match, such as {@code *}. */
    static List<RecordedExchange> all(String files) {
        try {
            Resource[] found = new PathMatchingResourcePatternResolver().getResources("classpath:recorded/" + files + ".jsonl");
            StringBuilder lines = new StringBuilder();
            for (Resource file : found) {
                lines.append(file.getContentAsString(StandardCharsets.UTF_8));
            }
            return lines.toString().lines().map(line -> JSON.readValue(line, RecordedExchange.class)).toList();
        } catch (IOException e) {
            throw new IllegalStateException(files, e);
        }
    }

    Map<String, String> sent() {
        return headers == null ? Map.of("Content-Type", "application/json") : headers;
    }

    /** Around the first byte that is another one. */
    Optional<String> difference(int foundStatus, @Nullable String foundType, String found) {
        String expected = text(status, type, PAGE_VERSION.matcher(answer).replaceAll("/page/"));
        String actual = text(foundStatus, foundType, PAGE_VERSION.matcher(REQUEST_ID.matcher(found).replaceFirst("")).replaceAll("/page/"));
        int at = Arrays.mismatch(expected.toCharArray(), actual.toCharArray());
        return at < 0
                ? Optional.empty()
                : Optional.of(name + "\n  expected " + around(at, expected) + "\n  actual   " + around(at, actual));
    }

    private static String text(int status, @Nullable String type, String body) {
        String masked = COST.matcher(body).replaceAll(cost -> cost.group().replaceAll(":\\d[^,}]*", ":#"));
        return status + " " + type + " "
                + (body.contains("\"code\":\"limit-exceeded\"") ? ASKED.matcher(masked).replaceAll("$1#") : masked);
    }

    private static String around(int at, String text) {
        return text.substring(Math.clamp(at - SHOWN_BEFORE, 0, text.length()), Math.min(at + SHOWN_AFTER, text.length()));
    }
}
