package io.chainrule.service.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What stands in the tables of models, and for how long. */
@DirtiesContext
@TestPropertySource(properties = "chainrule.models.keep-deleted=7d")
class StoredModelsTest extends HttpTest {
    @Autowired
    private ModelCleaner cleaner;
    @Autowired
    private Contents contents;
    @Autowired
    private JdbcClient database;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) throws IOException {
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "models-");
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
    }

    private int put(String name, String numbers) {
        return send("PUT", "/v1/models/" + name,
                BodyPublishers.ofString("{\"expression\": \"sum(a * x)\", \"inputs\": {\"a\": [" + numbers + "]}}"), "Content-Type",
                "application/json").statusCode();
    }

    private int count(String table) {
        return database.sql("select count(*) from " + table).query(Integer.class).single();
    }

    @Test
    void whatIsDeletedIsRemovedInTimeAndWhatOthersNeedStays() {
        put("keeps", "1, 2, 3");
        int before = count("content");
        int parts = count("content_part");
        put("goes", "1, 2, 3");
        put("goes", "4, 5, 6");
        assertThat(count("content")).as("another definition and another array").isEqualTo(before + 2);
        send("DELETE", "/v1/models/goes", BodyPublishers.noBody());
        Instant now = Instant.now();
        cleaner.clean(now.plus(Duration.ofDays(6)));
        assertThat(send("POST", "/v1/models/goes/undelete", BodyPublishers.noBody()).statusCode()).isEqualTo(204);
        assertThat(post("/v1/evaluate", "{\"model\": \"goes\", \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(200);
        send("DELETE", "/v1/models/goes", BodyPublishers.noBody());
        cleaner.clean(now.plus(Duration.ofDays(8)));
        assertThat(send("POST", "/v1/models/goes/undelete", BodyPublishers.noBody()).statusCode()).isEqualTo(404);
        assertThat(count("content")).isEqualTo(before);
        assertThat(count("content_part")).isEqualTo(parts);
        assertThat(json(get("/v1/models/goes/aliases")).path("status").asInt()).isEqualTo(404);
        assertThat(post("/v1/evaluate", "{\"model\": \"keeps\", \"inputs\": {\"x\": 1}}").statusCode()).isEqualTo(200);
        assertThat(put("goes", "1, 2, 3")).isEqualTo(201);
        assertThat(json(get("/v1/models/goes")).path("version").asInt()).as("numbers are given once").isEqualTo(3);
    }

    /** Contents are written before the version that needs them: in between nothing refers to them. */
    @Test
    void contentsOfAVersionThatIsToComeStay() {
        byte[] bytes = new byte[2_500_000];
        bytes[2_400_000] = 7;
        String digest = contents.put(bytes);
        cleaner.clean(Instant.now());
        assertThat(contents.read(digest)).isEqualTo(bytes);
        assertThat(contents.put(bytes)).isEqualTo(digest);
        cleaner.clean(Instant.now().plus(Duration.ofDays(2)));
        assertThat(contents.read(digest)).isEmpty();
    }
}
