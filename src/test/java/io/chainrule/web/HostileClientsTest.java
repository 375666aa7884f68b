package io.chainrule.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.security.SecuredTest;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/**
 * A part of the requests of {@link HostileRequestsTest} where clients need keys, from the same seeds: whatever is in a request, it is
 * answered properly, and its program is computed only with a right key.
 */
@Tag("sampled")
@TestPropertySource(properties = {"logging.level.io.chainrule.web.http.RequestLog=warn", "logging.level.chainrule.audit=off",
        "chainrule.limits.time=1s", "chainrule.limits.training-time=1s", "chainrule.limits.cache-bytes=8388608",
        "chainrule.security.wrong-keys=1000000", "chainrule.quotas.requests=0", "chainrule.quotas.compute-seconds=0",
        "chainrule.quotas.trainings=0"})
class HostileClientsTest extends SecuredTest {
    private static final int REQUESTS = Math.max(1, Integer.getInteger("fortress.requests", 20_000) / 40);
    private static final long FIRST = Long.getLong("fortress.seed", 20_250_917);
    /** Fewer tell nothing of averages. */
    private static final int MANY = 400;

    @Autowired
    private Budget budget;

    private static List<String> wrong(String right) {
        return List.of("Bearer " + right.substring(0, right.length() - 1), "Bearer " + right + "x",
                "Bearer " + right.toUpperCase(Locale.ROOT),
                "Bearer crk_" + "A".repeat(43), "Bearer", "Bearer " + right + " " + right, "Bearer " + right + ",", "Basic " + right, right,
                "Bearer \u00e9", "Bearer ' or '1'='1", "Bearer " + "a".repeat(5_000));
    }

    @Test
    void onlyARightKeyHasAProgramComputed() throws IOException {
        String right = newKey("{\"owner\": \"ana\", \"scopes\": [\"compute\", \"train\"]}");
        String other = newKey("{\"owner\": \"bob\", \"scopes\": [\"jobs\"]}");
        List<String> wrong = wrong(right);
        List<ExampleRequest> examples = ExampleRequest.all();
        int computed = 0;
        try (RawConnection connection = new RawConnection(port)) {
            for (long seed = FIRST; seed < FIRST + REQUESTS; seed++) {
                HostileRequest request = HostileRequest.of(seed, examples);
                HostileRequest known = request.with("Authorization: Bearer " + right);
                RawAnswer answer = HostileRequestsTest.exchange(known, connection);
                String outcome = HostileRequestsTest.check(answer, known.method(), known.toString());
                if (HostileRequestsTest.isOfEngine(known, answer, outcome)) {
                    computed++;
                }
                if (known.isOfProgram()) {
                    assertThat(answer.status()).as("%s%n%s", known, answer.text()).isNotIn(401, 403);
                }
                refused(request.with("Authorization: Bearer " + other), connection, 403);
                refused(request.with("Authorization: " + wrong.get((int) (seed % wrong.size()))), connection, 401);
                refused(request, connection, 401);
            }
        }
        assertNothingIsReserved(budget);
        System.out.println(computed + " of " + REQUESTS + " with a right key reached the engine");
        if (REQUESTS >= MANY) {
            assertThat(computed).isGreaterThan(REQUESTS / 2);
        }
    }

    private static void refused(HostileRequest request, RawConnection connection, int status) {
        RawAnswer answer = HostileRequestsTest.exchange(request, connection);
        HostileRequestsTest.check(answer, request.method(), request.toString());
        if (request.isOfProgram()) {
            assertThat(answer.status()).as("%s%n%s", request, answer.text()).isEqualTo(status);
        }
    }
}
