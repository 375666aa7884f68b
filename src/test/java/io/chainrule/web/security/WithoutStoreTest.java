package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** The service with keys, on a machine where it may not write. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.security.mode=api-key", "chainrule.data-directory=/proc/chainrule"})
class WithoutStoreTest extends HttpTest {
    @Test
    void whatNeedsTheStoreSaysSo() {
        HttpResponse<String> response = send("POST", "/v1/gradient", BodyPublishers.ofString("{\"expression\": \"1\"}"), "Content-Type",
                "application/json", "Authorization", "Bearer some");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(json(response).path("detail").asString()).contains("chainrule.data-directory").doesNotContain("/proc");
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void theRestIsThere() {
        assertThat(get("/v1/ops/relu").statusCode()).isEqualTo(200);
        assertThat(get("/").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(post("/v1/gradient", "{\"expression\": \"1\"}").statusCode()).isEqualTo(401);
    }
}
