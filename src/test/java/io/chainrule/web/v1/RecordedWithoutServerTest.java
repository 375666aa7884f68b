package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.WithoutServer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.mock.web.MockHttpServletResponse;

/** Part of the recorded answers, given by the endpoints alone, so that it is soon known which endpoint answers otherwise. */
class RecordedWithoutServerTest {
    private static final WithoutServer SERVICE = new WithoutServer();
    /** These are answered before an endpoint is found, as are bodies that are packed. */
    private static final Set<Integer> OF_THE_SERVER = Set.of(404, 405);

    record Group(String path, List<RecordedExchange> exchanges) {
        @Override
        public String toString() {
            return path;
        }
    }

    static Collection<Group> groups() {
        return Stream.of("programs", "refusals", "networks", "training").flatMap(file -> RecordedExchange.all(file).stream())
                .filter(exchange -> exchange.path().startsWith("/v1/") && !OF_THE_SERVER.contains(exchange.status()))
                .filter(exchange -> !exchange.sent().containsKey("Content-Encoding"))
                .collect(Collectors.groupingBy(exchange -> exchange.path().replaceFirst("\\?.*", "") + " " + exchange.status()))
                .entrySet().stream().map(group -> new Group(group.getKey(), group.getValue())).toList();
    }

    @ParameterizedTest
    @MethodSource("groups")
    void areGivenAgain(Group group) {
        List<String> differences = group.exchanges.stream().map(RecordedWithoutServerTest::difference).flatMap(Optional::stream).toList();
        assertThat(differences).isEmpty();
    }

    private static Optional<String> difference(RecordedExchange exchange) {
        MockHttpServletResponse response = SERVICE.send(exchange.method(), exchange.path(), exchange.sent(), exchange.request());
        return exchange.difference(response.getStatus(), response.getContentType(),
                new String(response.getContentAsByteArray(), StandardCharsets.UTF_8));
    }
}
