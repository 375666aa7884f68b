package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InfoTest extends HttpTest {
    @Test
    void tellsTheCommitOfTheBuildAndNothingOfItsMachine() {
        HttpResponse<String> info = get("/actuator/info");
        assertThat(json(info).at("/build/commit").asString()).matches("[0-9a-f]{40,64}|unknown");
        assertThat(json(info).path("build").propertyNames()).containsExactlyInAnyOrder("artifact", "commit", "group", "name", "version");
        assertThat(info.body()).doesNotContain("/", Path.of("").toAbsolutePath().toString());
    }
}
