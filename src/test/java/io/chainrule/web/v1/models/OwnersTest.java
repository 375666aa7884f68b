package io.chainrule.web.v1.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.security.SecuredTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Models belong to their owners, who have quotas of them. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.models.versions=3", "chainrule.models.bytes=20000", "chainrule.models.aliases=2"})
class OwnersTest extends SecuredTest {
    private static final String MODEL = "{\"expression\": \"a * x\", \"inputs\": {\"a\": 2}}";
    private static final String CALL = "{\"model\": \"line\", \"inputs\": {\"x\": 3}}";

    private String key(String owner) throws IOException {
        return newKey("{\"owner\": \"" + owner + "\", \"scopes\": [\"compute\", \"models:write\"]}");
    }

    @Test
    void modelsOfOthersAreAsIfTheyWereNotThere() throws IOException {
        String ana = key("ana");
        String bob = key("bob");
        assertThat(with(ana, "PUT", "/v1/models/line", MODEL).statusCode()).isEqualTo(201);
        assertThat(with(key("ana"), "POST", "/v1/evaluate", CALL).statusCode()).isEqualTo(200);
        for (String path : new String[]{"/v1/models/line", "/v1/models/line/versions", "/v1/models/line/aliases"}) {
            assertThat(with(bob, "GET", path, "").statusCode()).as(path).isEqualTo(404);
        }
        assertThat(json(with(bob, "GET", "/v1/models", "")).path("models").size()).isZero();
        assertThat(with(bob, "POST", "/v1/evaluate", CALL).statusCode()).isEqualTo(404);
        assertThat(errors(with(bob, "POST", "/v1/evaluate", "{\"expression\": \"line(x)\", \"inputs\": {\"x\": 3}}")))
                .containsExactly("unknown-op /expression");
        assertThat(with(bob, "DELETE", "/v1/models/line", "").statusCode()).isEqualTo(404);
        assertThat(json(with(bob, "PUT", "/v1/models/line", MODEL.replace("2", "5"))).path("version").asInt()).isEqualTo(1);
        assertThat(json(with(ana, "POST", "/v1/evaluate", CALL)).path("value").asInt()).isEqualTo(6);
        assertThat(json(with(bob, "POST", "/v1/evaluate", CALL)).path("value").asInt()).isEqualTo(15);
    }

    @Test
    void anOwnerStoresNoMoreThanItsQuotas() throws IOException {
        String cho = key("cho");
        for (int i = 0; i < 3; i++) {
            assertThat(with(cho, "PUT", "/v1/models/m" + i, MODEL).statusCode()).isEqualTo(201);
        }
        HttpResponse<String> refused = with(cho, "PUT", "/v1/models/more", MODEL);
        assertThat(errors(refused)).containsExactly("limit-exceeded -");
        assertThat(json(refused).at("/errors/0/expected").asString()).isEqualTo("at most 3 (chainrule.models.versions)");
        assertThat(json(refused).at("/errors/0/hint").asString()).startsWith("delete what is not needed");
        assertThat(with(cho, "GET", "/v1/models/more", "").statusCode()).isEqualTo(404);
        String numbers = "{\"expression\": \"sum(a * x)\", \"inputs\": {\"a\": [" + "1, ".repeat(2_500) + "1]}}";
        HttpResponse<String> large = with(key("dan"), "PUT", "/v1/models/large", numbers);
        assertThat(json(large).at("/errors/0/expected").asString()).isEqualTo("at most 20000 (chainrule.models.bytes)");
    }

    /** A file may be longer than what it holds, which is what counts. Whoever may store nothing more is told so before it comes. */
    @Test
    void aFileCountsWhatItHolds() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.setLevel(0);
            zip.putNextEntry(new ZipEntry("model.json"));
            zip.write(("{\"format\": 1, \"expression\": \"2 * x\", \"declares\": {\"x\": {\"shape\": []}}" + " ".repeat(21_000) + "}")
                    .getBytes(StandardCharsets.UTF_8));
        }
        String key = key("ira");
        for (int i = 0; i < 4; i++) {
            HttpResponse<String> stored = send("PUT", "/v1/models/m" + i, BodyPublishers.ofByteArray(file.toByteArray()), "Content-Type",
                    "application/zip", "Authorization", "Bearer " + key);
            assertThat(stored.statusCode()).as(stored.body()).isEqualTo(i < 3 ? 201 : 422);
            assertThat(json(stored).at("/errors/0/expected").asString("")).isEqualTo(i < 3 ? "" : "at most 3 (chainrule.models.versions)");
        }
        HttpResponse<String> same = send("PUT", "/v1/models/m0", BodyPublishers.ofByteArray(file.toByteArray()), "Content-Type",
                "application/zip", "Authorization", "Bearer " + key);
        assertThat(same.statusCode()).as(same.body()).isEqualTo(200);
    }

    @Test
    void aModelHasNoMoreAliasesThanItsQuota() throws IOException {
        String key = key("hal");
        assertThat(with(key, "PUT", "/v1/models/line", MODEL).statusCode()).isEqualTo(201);
        HttpResponse<String> second = alias(key, "prod");
        assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
        HttpResponse<String> third = alias(key, "test");
        assertThat(json(third).at("/errors/0/expected").asString()).isEqualTo("at most 2 (chainrule.models.aliases)");
        assertThat(json(third).at("/errors/0/hint").asString()).isEqualTo("remove an alias, or move one");
        HttpResponse<String> again = alias(key, "prod");
        assertThat(errors(again)).as("of an alias that is there: %s", again.body()).containsExactly("precondition-failed -");
    }

    private HttpResponse<String> alias(String key, String alias) {
        return send("PUT", "/v1/models/line/aliases/" + alias, BodyPublishers.ofString("{\"version\": 1}"), "Content-Type",
                "application/json", "Authorization", "Bearer " + key, "If-None-Match", "*");
    }

    @Test
    void whoMayComputeMayNotStore() throws IOException {
        String reader = newKey("{\"owner\": \"eve\", \"scopes\": [\"compute\"]}");
        assertThat(with(reader, "PUT", "/v1/models/line", MODEL).statusCode()).isEqualTo(403);
        assertThat(with(reader, "GET", "/v1/models", "").statusCode()).isEqualTo(200);
    }

    private static final String TRAINING = """
            {"expression": "(w * x - y)^2", "inputs": {"x": [1, 2], "y": [2, 4], "w": 0}, "batch": ["x", "y"], "wrt": ["w"],
            "save_as": {"name": "trained"}}""";

    @Test
    void whoMayTrainMayNotStore() throws IOException {
        HttpResponse<String> refused = with(newKey("{\"owner\": \"fay\", \"scopes\": [\"train\"]}"), "POST", "/v1/train", TRAINING);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(errors(refused)).containsExactly("forbidden /save_as");
    }

    /** What was trained is not lost if it cannot be stored: the answer has it, and says why. */
    @Test
    void aTrainingThatIsNotStoredIsAnswered() throws IOException {
        String gus = newKey("{\"owner\": \"gus\", \"scopes\": [\"train\", \"models:write\"]}");
        for (int i = 0; i < 3; i++) {
            with(gus, "PUT", "/v1/models/m" + i, MODEL);
        }
        HttpResponse<String> answer = with(gus, "POST", "/v1/train", TRAINING);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).at("/parameters/w").asDouble()).isPositive();
        assertThat(json(answer).at("/saved/errors/0/code").asString()).isEqualTo("limit-exceeded");
        assertThat(json(answer).at("/saved").has("version")).isFalse();
    }
}
