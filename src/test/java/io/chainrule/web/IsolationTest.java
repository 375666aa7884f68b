package io.chainrule.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** A request is answered among others as it is alone, byte for byte. */
@Tag("sampled")
@TestPropertySource(properties = {"logging.level.io.chainrule.web.http.RequestLog=warn", "chainrule.limits.time=120s",
        "chainrule.limits.training-time=120s",
        "chainrule.limits.trainings=8", "chainrule.limits.flops=1000000000", "chainrule.limits.cache-bytes=4194304"})
class IsolationTest extends HttpTest {
    private static final int REQUESTS = Integer.getInteger("fortress.mixed", 500);
    private static final long FIRST = Long.getLong("fortress.seed", 1);
    private static final int THREADS = 8;

    @Autowired
    private Budget budget;

    @Test
    void answersAreTheSameAmongOthersAsAlone() throws Exception {
        List<ExampleRequest> examples = ExampleRequest.all();
        List<HostileRequest> requests = LongStream.range(FIRST, FIRST + REQUESTS).mapToObj(seed -> HostileRequest.untimed(seed, examples))
                .toList();
        List<RawAnswer> alone = new ArrayList<>();
        try (RawConnection connection = new RawConnection(port)) {
            for (HostileRequest request : requests) {
                alone.add(connection.exchange(request.bytes(), false));
            }
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, REQUESTS).boxed().toList());
        Collections.shuffle(order, new Random(FIRST));
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(threads.submit(() -> {
                    try (RawConnection connection = new RawConnection(port)) {
                        for (int k = next.getAndIncrement(); k < REQUESTS; k = next.getAndIncrement()) {
                            int number = order.get(k);
                            RawAnswer answer = connection.exchange(requests.get(number).bytes(), false);
                            assertThat(answer.isSameAs(alone.get(number))).as("%s%nalone %s%namong others %s", requests.get(number),
                                    alone.get(number).text(), answer.text()).isTrue();
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        assertThat(alone.stream().filter(answer -> answer.status() == 200).count()).isGreaterThan(REQUESTS / 4);
        assertNothingIsReserved(budget);
    }
}
