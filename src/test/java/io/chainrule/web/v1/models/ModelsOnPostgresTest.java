package io.chainrule.web.v1.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.OnPostgres;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The same with PostgreSQL. */
@OnPostgres
class ModelsOnPostgresTest extends ModelsTest {
    /** Versions that are stored at once get numbers one after the other, and none is lost. */
    @Test
    void thoseWhoWriteAtOnceGetAVersionEach() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            List<Future<Integer>> versions = IntStream.range(0, 24)
                    .mapToObj(i -> clients.submit(
                            () -> json(put(name, "{\"expression\": \"a * x\", \"inputs\": {\"a\": " + i + "}}")).path("version").asInt()))
                    .toList();
            for (Future<Integer> version : versions) {
                version.get();
            }
            assertThat(versions).extracting(Future::get).containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 24).boxed().toList());
        }
    }
}
