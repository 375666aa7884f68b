package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tells every byte of an answer that has changed, so that a change of the service that should change none of them can be
 * told from one that does.
 */
class RecordedAnswersTest extends HttpTest {
    private static final int AT_ONCE = 8;
    private static final int MOST_SHOWN = 20;

    /** The service refuses a training where others are at work. */
    private final ReentrantLock training = new ReentrantLock();

    private static List<RecordedExchange> exchanges() {
        List<RecordedExchange> exchanges = new ArrayList<>(RecordedExchange.all("*"));
        assertThat(exchanges).hasSizeGreaterThan(1_300);
        return exchanges;
    }

    @Test
    void areGivenAgain() {
        assertNone(exchanges().stream().map(this::difference));
    }

    @Test
    void areGivenToManyAtOnce() {
        List<RecordedExchange> exchanges = exchanges();
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

    private Optional<String> difference(RecordedExchange exchange) {
        HttpResponse<String> response = answer(exchange);
        return exchange.difference(response.statusCode(), response.headers().firstValue("Content-Type").orElse(null), response.body());
    }

    private HttpResponse<String> answer(RecordedExchange exchange) {
        boolean trains = exchange.path().equals("/v1/train");
        if (trains) {
            training.lock();
        }
        try {
            String[] headers = exchange.sent().entrySet().stream().flatMap(header -> Stream.of(header.getKey(), header.getValue()))
                    .toArray(String[]::new);
            return send(exchange.method(), exchange.path(),
                    exchange.request() == null ? BodyPublishers.noBody() : BodyPublishers.ofString(exchange.request()), headers);
        } finally {
            if (trains) {
                training.unlock();
            }
        }
    }
}
