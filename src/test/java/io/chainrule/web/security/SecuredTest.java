package io.chainrule.web.security;

import io.chainrule.TestFolder;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The service with keys, and a folder of its own. */
@DirtiesContext
@TestPropertySource(properties = "chainrule.security.mode=api-key")
public abstract class SecuredTest extends HttpTest {
    protected static final String PROGRAM = "{\"expression\": \"f = x * y\", \"inputs\": {\"x\": 2, \"y\": 3}}";

    /** Of the service that was started last. */
    protected static Path folder = Path.of("target");

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        folder = TestFolder.add(properties, "service-");
    }

    protected static String firstKey() throws IOException {
        return Files.readString(folder.resolve("data/first-key")).strip();
    }

    protected HttpResponse<String> with(String key, String method, String path, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Type", "application/json", "Authorization", "Bearer " + key));
        all.addAll(List.of(headers));
        return send(method, path, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body), all.toArray(String[]::new));
    }

    /** Makes a key by the endpoint. */
    protected String newKey(String body) throws IOException {
        return json(with(firstKey(), "POST", "/v1/keys", body)).path("key").asString();
    }
}
