package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.beans.factory.annotation.Autowired;

/** Talks to the whole service by bytes on connections, which it can hold and close as clients do that are slow or go away. */
abstract class SocketTest extends HttpTest {
    static final String TINY = "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}";
    /** More clients than Tomcat would have threads. */
    static final int MANY = 300;
    static final long SECOND = 1_000_000_000L;
    private static final int TRIES = 10;

    @Autowired
    protected Budget budget;

    @Autowired
    private MeterRegistry registry;

    /** Subclasses may speak TLS. */
    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** Sends a little again and again, until something is answered. */
    static void drip(Socket socket, String each) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (socket.getInputStream().available() == 0) {
            assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(20 * SECOND);
            TimeUnit.MILLISECONDS.sleep(50);
            try {
                send(socket, each);
            } catch (SocketException _) {
                // The service has answered meanwhile, and reads no more.
                return;
            }
        }
    }

    static String head(String path, String fields) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + fields + "\r\n";
    }

    static String request(String path, String fields, String body) {
        return head(path, fields + "Content-Length: " + body.length() + "\r\n") + body;
    }

    /** A test of one case. */
    interface Case {
        void run(String of) throws IOException, InterruptedException;
    }

    /** Tries all cases at once, since each mostly waits. */
    static void atOnce(Case test, String... cases) throws InterruptedException {
        List<Future<?>> begun = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String each : cases) {
                begun.add(threads.submit(() -> {
                    test.run(each);
                    return null;
                }));
            }
        }
        for (int i = 0; i < cases.length; i++) {
            String each = cases[i];
            assertThatCode(begun.get(i)::get).as(each).doesNotThrowAnyException();
        }
    }

    /** The beginning of the status line. */
    static String answer(Socket socket) throws IOException {
        socket.setSoTimeout(30_000);
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    /** Work of many seconds, whatever the machine: few nodes, which are soon compiled, of many operations each. */
    static String longWork() {
        return """
                {"expression": "A = zeros(shape=[1000, 1000]) + x\\ny = A\\nfor i in range(1000):\\n  y = tanh(y @ A)\\nf = sum(y)", "nodes": "none",
                "inputs": {"x": 0.001}}
                """;
    }

    /**
     * Sends long work, closes the connection while it is at work, and sees that the service then soon computes nothing. The service looks
     * for its clients five times a second. Of some tries the best counts, since the machine may be busy.
     */
    void assertWorkEndsWithItsClient(String request) throws IOException, InterruptedException {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && best > SECOND / 2; i++) {
            best = Math.min(best, nanosFromTheEndOfItsClient(request));
        }
        assertThat(best).as("nanoseconds from the end of the connection to the end of the work").isLessThan(SECOND / 2);
    }

    private long nanosFromTheEndOfItsClient(String request) throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            send(socket, request);
            while (budget.used() == 0) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(isAtWork()).as("it is at work").isTrue();
        }
        long closed = System.nanoTime();
        while (isAtWork()) {
            LockSupport.parkNanos(1_000_000);
            assertThat(System.nanoTime() - closed).as("nanoseconds, and it is still at work").isLessThan(10 * SECOND);
        }
        return System.nanoTime() - closed;
    }

    /** Whether a request holds a permit to compute, or memory. */
    private boolean isAtWork() {
        return budget.used() > 0 || registry.get("chainrule.permits.held").gauges().stream().mapToDouble(Gauge::value).sum() > 0;
    }
}
