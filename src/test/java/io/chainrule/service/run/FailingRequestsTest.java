package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.Reachable;
import io.chainrule.core.execution.FaultyPlan;
import io.chainrule.core.execution.Plan;
import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A request that fails while it computes is answered by a problem, gives back what it held, and harms no later one. */
class FailingRequestsTest extends HttpTest {
    private static final List<Supplier<Throwable>> FAULTS = List.of(() -> new IllegalStateException("made"),
            () -> new OutOfMemoryError("made"),
            () -> new StackOverflowError("made"));

    @Autowired
    private FunctionCache cache;

    @Autowired
    private Budget budget;

    @Autowired
    private Turns turns;

    @Autowired
    private Admission admission;

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    gradient | {"expression": "f = sum(tanh(W @ x)) + w^2", "inputs": {"W": [[1, 2], [3, 4]], "x": [5, 6], "w": 3}}
                    evaluate | {"expression": "svdvals(A) @ solve(A, b)", "inputs": {"A": [[1, 2], [3, 5]], "b": [1, -1]}}
                    jacobian | {"expression": "y = softmax(A @ x) * exp(w)", "inputs": {"A": [[1, 2], [3, 5]], "x": [1, -1], "w": 0.5}}
                    hessian  | {"expression": "f = sum((A @ x)^4)", "inputs": {"A": [[1, 2], [3, 5]], "x": [1, -1]}, "wrt": ["x"]}
                    check    | {"expression": "f = sum(sin(A @ x))", "inputs": {"A": [[1, 2], [3, 5]], "x": [1, -1]}}
                    train    | {"expression": "f = sum((A @ x)^2)", "inputs": {"A": [[1, 2], [3, 5]], "x": [1, -1]}, "wrt": ["x"], "epochs": 5, "optimizer": {"lr": 0.01}}
                    explain  | {"expression": "f = sum(tanh(W @ x))", "inputs": {"W": [[1, 2], [3, 4]], "x": [0.5, 0.6]}}
                    """)
    void everyInstructionMayFail(String operation, String body) {
        String path = "/v1/" + operation;
        String right = post(path, body).body();
        assertThat(post(path, body).statusCode()).as(right).isEqualTo(200);
        int failed = 0;
        for (Plan plan : Reachable.from(cache).of(Plan.class)) {
            for (int i = 0; i < FaultyPlan.instructions(plan); i++) {
                HttpResponse<String> response;
                try (FaultyPlan _ = new FaultyPlan(plan, i, FAULTS.get(i % FAULTS.size()))) {
                    response = post(path, body);
                }
                if (response.statusCode() != 200) {
                    failed++;
                    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
                    assertThat(json(response).path("code").asString()).isEqualTo("overloaded");
                    assertThat(response.body()).contains("unforeseen").doesNotContain("made", "Error", "Exception");
                    assertNothingIsReserved(budget);
                }
                assertThat(post(path, body).body()).isEqualTo(right);
            }
        }
        assertThat(failed).as("instructions that failed").isGreaterThan(1);
        assertNothingIsReserved(budget);
        for (int i = 0; i < 1_000 && !turns.isIdle(); i++) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(turns.isIdle()).as("all permits are given back").isTrue();
    }

    /** A client that has been told of a beginning must learn that there is no end, be it for an error of the JVM. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    jacobian | {"expression": "y = softmax(A @ x) * exp(w)", "inputs": {"A": [[1, 2], [3, 5]], "x": [1, -1], "w": 0.5}}
                    train    | {"expression": "f = sum((A @ x)^2)", "inputs": {"A": [[1, 2], [3, 5]], "x": [1, -1]}, "wrt": ["x"], "epochs": 5, "optimizer": {"lr": 0.01}}
                    """)
    void aStreamOfEventsEndsByAnErrorWhateverFails(String operation, String body) {
        String path = "/v1/" + operation;
        String[] events = {"Content-Type", "application/json", "Accept", "text/event-stream"};
        assertThat(post(path, body, events).body()).contains("event: done");
        int failed = 0;
        for (Plan plan : Reachable.from(cache).of(Plan.class)) {
            for (int i = 0; i < FAULTS.size() * FaultyPlan.instructions(plan); i++) {
                HttpResponse<String> response;
                try (FaultyPlan _ = new FaultyPlan(plan, i / FAULTS.size(), FAULTS.get(i % FAULTS.size()))) {
                    response = post(path, body, events);
                }
                if (response.statusCode() == 200 && !response.body().contains("event: done")) {
                    failed++;
                    assertThat(response.body()).containsPattern("\nevent: error\ndata: \\{[^\n]*\"code\":\"overloaded\"[^\n]*}\n\n$")
                            .contains("unforeseen").doesNotContain("made", "Error", "Exception");
                    assertNothingIsReserved(budget);
                }
            }
        }
        assertThat(failed).as("streams that failed").isGreaterThan(FAULTS.size());
    }

    /** As where a program is so deep that the stack overflows. */
    @Test
    void whatIsReservedWhenCompilingFailsIsGivenBack() {
        Functions functions = new Functions(admission, cache);
        assertThatThrownBy(() -> functions.opened(admission.turn(), (reservation, _, _) -> {
            reservation.add(1_000);
            throw new StackOverflowError("made");
        })).isInstanceOf(StackOverflowError.class);
        assertNothingIsReserved(budget, 0);
    }
}
