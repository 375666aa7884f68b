package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What readers of rows take counts as memory of a run. A job has fewer threads where there is not enough for all. */
@DirtiesContext
@TestPropertySource(properties = {"chainrule.limits.bytes=6291456", "chainrule.limits.threads=4"})
class ReaderMemoryTest extends JobsHttpTest {
    private static final String REQUEST = "{\"dataset\": \"%s\", \"expression\": \"x\", \"derivatives\": \"none\"}";

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "readers-");
    }

    private static String rows(int count, int length) {
        return "x,note\n" + ("1," + "a".repeat(length) + "\n").repeat(count);
    }

    /** Each reader takes 3.5 MiB. */
    @Test
    void whereMemoryIsScarceFewerThreadsWork() {
        stored("scarce", rows(20, 1_000_000));
        assertThat(result("reduce", REQUEST.formatted("scarce")).path("value").path("sum").asInt()).isEqualTo(20);
    }

    /** A reader takes 7.5 MiB. */
    @Test
    void aReaderThatTakesTooMuchIsRefused() {
        stored("wide", rows(2, 3_000_000));
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": " + REQUEST.formatted("wide") + "}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(refused.body()).contains("limit-exceeded", "chainrule.limits.bytes");
    }
}
