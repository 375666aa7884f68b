package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.service.access.SecurityMode;
import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Origins that may call an open service, given as YAML gives lists. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.cors.allowed-origins[0]=https://app.example",
        "chainrule.cors.allowed-origins[1]=http://localhost:3000"})
class AllowedOriginTest extends HttpTest {
    private static final String PROGRAM = "{\"expression\": \"f = x * y\", \"inputs\": {\"x\": 2, \"y\": 3}}";

    @ParameterizedTest
    @CsvSource({"https://app.example, 200", "http://localhost:3000, 200", "https://other.example, 403", "https://app.example.evil, 403",
            "http://app.example, 403", "null, 403"})
    void areComparedExactly(String origin, int status) {
        for (List<String> site : List.of(List.<String>of(), List.of("Sec-Fetch-Site", "cross-site"))) {
            List<String> headers = new ArrayList<>(List.of("Content-Type", "application/json", "Origin", origin));
            headers.addAll(site);
            assertThat(post("/v1/gradient", PROGRAM, headers.toArray(String[]::new)).statusCode()).isEqualTo(status);
        }
    }

    /** The actuator and the page are none of their business. */
    @Test
    void mayCallTheApiAlone() {
        assertThat(
                send("POST", "/actuator/backup", BodyPublishers.noBody(), "Origin", "https://app.example", "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(403);
        assertThat(send("POST", "/actuator/backup", BodyPublishers.noBody(), "Origin", "https://app.example").statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "null", "https://*.example", "app.example", "https://app.example/path"})
    void othersThanOriginsStopTheStart(String origin) {
        assertThatThrownBy(() -> new Replica(SecurityMode.OPEN, "--chainrule.cors.allowed-origins=" + origin))
                .hasStackTraceContaining("chainrule.cors.allowed-origins has '" + origin + "'");
    }
}
