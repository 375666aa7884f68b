package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Tells every byte of an answer that has changed, so that a change of the service that should change none of them can be
 * told from one that does. {@code recorded/record.py} records answers anew that were changed on purpose.
 */
class RecordedAnswersTest extends HttpTest {
    private static final int AT_ONCE = 8;
    private static final int MOST_SHOWN = 20;
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

    /** The service refuses a training where others are at work. */
    private final ReentrantLock training = new ReentrantLock();

    private record Exchange(String name, String method, String path, @Nullable Map<String, String> headers, @Nullable String request,
            int status, @Nullable String type, String answer) {}

    private static List<Exchange> exchanges() throws IOException {
        Resource[] files = new PathMatchingResourcePatternResolver().getResources("classpath:recorded/*.jsonl");
        List<Exchange> exchanges = new ArrayList<>();
        for (Resource file : files) {
            file.getContentAsString(StandardCharsets.UTF_8).lines().map(line -> JSON.readValue(line, Exchange.class))
                    .forEach(exchanges::add);
        }
        assertThat(exchanges).hasSizeGreaterThan(1_300);
        return exchanges;
    }

    @Test
    void areGivenAgain() throws IOException {
        assertNone(exchanges().stream().map(this::difference));
    }

    @Test
    void areGivenToManyAtOnce() throws IOException {
        List<Exchange> exchanges = exchanges();
        Collections.shuffle(exchanges, new Random(1));
        assertNone(exchanges.stream().gather(Gatherers.mapConcurrent(AT_ONCE, this::difference)));
    }

    private static void assertNone(Stream<Optional<String>> compared) {
        List<String> differences = compared.flatMap(Optional::stream).toList();
        assertThat(differences.size())
                .as("answers that differ; where they are meant to, record them again by recorded/record.py\n"
                        + String.join("\n", differences.stream().limit(MOST_SHOWN).toList()))
                .isZero();
    }

    /** Around the first byte that is another one. */
    private Optional<String> difference(Exchange exchange) {
        HttpResponse<String> response = answer(exchange);
        String expected = text(exchange.status(), exchange.type(), PAGE_VERSION.matcher(exchange.answer()).replaceAll("/page/"));
        String actual = text(response.statusCode(), response.headers().firstValue("Content-Type").orElse(null),
                PAGE_VERSION.matcher(REQUEST_ID.matcher(response.body()).replaceFirst("")).replaceAll("/page/"));
        int at = Arrays.mismatch(expected.toCharArray(), actual.toCharArray());
        return at < 0
                ? Optional.empty()
                : Optional.of(exchange.name() + "\n  expected " + around(at, expected) + "\n  actual   " + around(at, actual));
    }

    private HttpResponse<String> answer(Exchange exchange) {
        boolean trains = exchange.path().equals("/v1/train");
        if (trains) {
            training.lock();
        }
        try {
            String[] headers = exchange.headers() == null
                    ? new String[]{"Content-Type", "application/json"}
                    : exchange.headers().entrySet().stream().flatMap(header -> Stream.of(header.getKey(), header.getValue()))
                            .toArray(String[]::new);
            return send(exchange.method(), exchange.path(),
                    exchange.request() == null ? BodyPublishers.noBody() : BodyPublishers.ofString(exchange.request()), headers);
        } finally {
            if (trains) {
                training.unlock();
            }
        }
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
