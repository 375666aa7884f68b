package io.chainrule.web.v1.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import io.chainrule.web.HttpTest;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Models whose program has large arrays in it, where the memory is that of a container of 512 MiB. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.limits.shared-bytes=100000000", "chainrule.limits.body-bytes=6000000"})
class LargeConstantsTest extends HttpTest {
    @Autowired
    private MeterRegistry meters;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "models-");
    }

    private HttpResponse<String> put(String name, String body) {
        return send("PUT", "/v1/models/" + name, BodyPublishers.ofString(body), "Content-Type", "application/json");
    }

    private static String sum(int numbers) {
        return "{\"expression\": \"y = sum(x * [1" + ",1".repeat(numbers - 1) + "])\"}";
    }

    private double evaluated(String name) {
        HttpResponse<String> response = post("/v1/evaluate", "{\"model\": \"" + name + "\", \"inputs\": {\"x\": 2}, \"nodes\": \"none\"}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response).path("value").asDouble();
    }

    /** What is stored can be called, shown and exported, and stays ready. */
    @Test
    void aModelThatIsStoredCanBeUsed() {
        HttpResponse<String> stored = put("large", sum(700_000));
        assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
        double before = meters.get("chainrule.models.loaded").functionCounter().count();
        for (int call = 0; call < 3; call++) {
            assertThat(evaluated("large")).isEqualTo(1_400_000);
        }
        assertThat(meters.get("chainrule.models.loaded").functionCounter().count() - before).as("it is loaded once").isEqualTo(1);
        for (String path : new String[]{"/v1/models/large", "/v1/models/large/export"}) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(200);
        }
    }

    @Test
    void aModelThatCouldNotBeUsedIsNotStored() {
        HttpResponse<String> refused = put("larger", sum(1_200_000));
        assertThat(errors(refused)).containsExactly("invalid-value -");
        assertThat(refused.body()).contains("at most 50000000 bytes", "chainrule.limits.shared-bytes", "put large arrays into 'inputs'");
        assertThat(get("/v1/models/larger").statusCode()).isEqualTo(404);
    }

    @Test
    void aLargeArrayThatIsKeptTakesLess() {
        String array = "[1" + ",1".repeat(1_199_999) + "]";
        HttpResponse<String> stored = put("kept", "{\"expression\": \"y = sum(x * a)\", \"inputs\": {\"a\": " + array + "}}");
        assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
        assertThat(evaluated("kept")).isEqualTo(2_400_000);
    }

    /** A request holds all models that it calls, though each of them alone is let go when another needs its memory. */
    @Test
    void modelsThatAreCalledTogetherShareTheirMemory() {
        for (String name : new String[]{"first", "second"}) {
            assertThat(put(name, sum(name.equals("first") ? 700_000 : 690_000)).statusCode()).isEqualTo(201);
        }
        String body = "{\"expression\": \"first(x) + %s\", \"inputs\": {\"x\": 2}, \"nodes\": \"none\"}";
        HttpResponse<String> refused = post("/v1/evaluate", body.formatted("second(x)"));
        assertThat(errors(refused)).containsExactly("invalid-value -");
        assertThat(refused.body()).contains("first:1 (", "second:1 (", "at most 50000000 bytes", "call fewer of them in one request");
        for (String path : new String[]{"gradient", "render.svg", "plot.svg"}) {
            String ranges = path.startsWith("plot") ? "ranges=%7B%22x%22:[0,1]%7D" : "in.x=2";
            HttpResponse<String> link = get("/v1/" + path + "?expression=first(x)%2Bsecond(x)&" + ranges);
            assertThat(errors(link)).as(path).containsExactly("invalid-value -");
            assertThat(link.body()).contains("first:1 (", "call fewer of them in one request");
        }
        assertThat(json(post("/v1/evaluate", body.formatted("1"))).path("value").asDouble()).as("one model").isEqualTo(1_400_001);
        assertThat(evaluated("second")).isEqualTo(1_380_000);
    }
}
