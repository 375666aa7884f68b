package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.test.context.TestPropertySource;

/** The actuator on a port of its own asks for keys as well. */
@TestPropertySource(properties = "management.server.port=0")
class ManagementPortTest extends SecuredTest {
    @LocalManagementPort
    private int management;

    @Test
    void asksForKeysThereToo() throws IOException {
        assertThat(get("/actuator/health").statusCode()).isEqualTo(404);
        port = management;
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/info").statusCode()).isEqualTo(401);
        assertThat(errors(get("/actuator/prometheus"))).containsExactly("unauthenticated -");
        assertThat(with("wrong", "POST", "/actuator/backup", "").statusCode()).isEqualTo(401);
        assertThat(with(firstKey(), "GET", "/actuator/info", "").statusCode()).isEqualTo(200);
        assertThat(with(firstKey(), "GET", "/actuator/env", "").statusCode()).isEqualTo(403);
    }
}
