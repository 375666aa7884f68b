package io.chainrule.web.v1.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import io.chainrule.web.HttpTest;
import io.chainrule.web.OnPostgres;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Replicas share a PostgreSQL, and no folder: they keep no files, and know places of files alone. */
@DirtiesContext
@OnPostgres
class UnsharedFolderTest extends HttpTest {
    private static final String PATH = "/v1/datasets/trips";

    private static Path folder = Path.of("target");

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        folder = TestFolder.add(properties, "unshared-");
        properties.add("chainrule.datasets.roots", () -> "file:" + folder);
    }

    @Test
    void filesAreNotTaken() {
        HttpResponse<String> refused = send("PUT", PATH, BodyPublishers.ofString("x\n1\n"), "Content-Type", "text/csv");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(errors(refused)).containsExactly("conflict -");
        assertThat(json(refused).at("/errors/0/hint").asString()).contains("chainrule.datasets.directory");
        assertThat(get(PATH).statusCode()).isEqualTo(404);
    }

    @Test
    void filesThatAreThereAreNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("there.csv"), "x\n1\n");
        HttpResponse<String> named = send("PUT", PATH + "_there",
                BodyPublishers.ofString("{\"location\": \"file:" + file + "\", \"format\": \"csv\"}"), "Content-Type", "application/json");
        assertThat(named.statusCode()).as(named.body()).isEqualTo(201);
    }
}
