package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Clients that ask through a proxy all the time, and look at the numbers of each answer. */
final class ReplicaClients implements AutoCloseable {
    private static final int CLIENTS = 4;
    private static final int CLIENTS_WITH_JOBS = 2;
    private static final int PAUSE_MILLISECONDS = 50;
    private static final int TRIES = 10;

    private final Function<String, URI> addresses;
    private final String model;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private final Map<String, Queue<Long>> times = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    /** What was stored, by the number of its version. */
    private final Map<Integer, Integer> written = new ConcurrentHashMap<>();
    private final ReplicaJobs jobs;
    private final AtomicInteger repeated = new AtomicInteger();
    private final AtomicInteger brokenOff = new AtomicInteger();
    private volatile boolean isOver;

    /** @param model a name that is not taken; one of the clients stores its versions, and those of jobs have keys that begin with it */
    ReplicaClients(Function<String, URI> addresses, String model) throws IOException, InterruptedException {
        this.addresses = addresses;
        this.model = model;
        jobs = new ReplicaJobs(this, http, addresses, model);
        for (int i = 0; i < CLIENTS; i++) {
            int first = i;
            start(() -> ask(first));
        }
        start(this::write);
        for (int i = 1; i <= CLIENTS_WITH_JOBS; i++) {
            int first = i;
            start(() -> jobs.ask(first, CLIENTS_WITH_JOBS));
        }
    }

    boolean isOver() {
        return isOver;
    }

    /** Notes something that must not be. */
    void isWrong(String what) {
        wrong.add(what);
    }

    private void start(Callable<?> client) {
        running.add(threads.submit(client));
    }

    private boolean ask(int first) throws InterruptedException {
        List<Question> questions = Question.all();
        for (int i = first; !isOver; i++) {
            Question question = questions.get(i % questions.size());
            try {
                HttpResponse<String> response = whole(question.name(), question.request(addresses, i));
                if (response.statusCode() != 200 || !question.isRight().test(json(response), i)) {
                    wrong.add(question.name() + " " + i + ": " + response.statusCode() + " " + start(response));
                }
            } catch (IOException e) {
                wrong.add(question.name() + " " + i + ": " + e);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
        }
        return true;
    }

    /** The proxy cannot ask again for an answer of which the client already has a part: the client does. */
    HttpResponse<String> whole(String kind, HttpRequest request) throws IOException, InterruptedException {
        for (int i = 1;; i++) {
            AtomicBoolean hasBegun = new AtomicBoolean();
            try {
                return timed(kind, request, hasBegun);
            } catch (IOException e) {
                if (!hasBegun.get() || i == TRIES) {
                    throw e;
                }
                brokenOff.incrementAndGet();
            }
        }
    }

    /** Notes that a client has sent again what the proxy may send again itself. */
    void hasRepeated() {
        repeated.incrementAndGet();
    }

    /** Sends what may be sent twice again, as a client does whose connection is lost. */
    private boolean write() throws InterruptedException {
        for (int number = 1; !isOver; number++) {
            HttpRequest request = put("/v1/models/" + model,
                    "{\"expression\": \"a[0] + x * (a[1] + a[2] + a[3]) - 6\", \"inputs\": {\"a\": [" + number + ", 1, 2, 3]}}");
            for (int i = 1;; i++) {
                if (isStored(request, number)) {
                    break;
                }
                hasRepeated();
                if (i == TRIES) {
                    wrong.add("version " + number + " could not be stored");
                    return false;
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
        }
        return true;
    }

    private boolean isStored(HttpRequest request, int number) throws InterruptedException {
        try {
            HttpResponse<String> response = whole("storing", request);
            if (response.statusCode() == 201 || response.statusCode() == 200) {
                Integer other = written.put(json(response).path("version").asInt(), number);
                if (other != null) {
                    wrong.add("version of " + number + " is also that of " + other);
                }
                return true;
            }
            if (response.statusCode() != 502) {
                wrong.add("storing " + number + ": " + response.statusCode() + " " + start(response));
            }
        } catch (IOException _) {
            // It is sent again.
        }
        return false;
    }

    /** Has a client move an alias on and on, which the proxy may not send twice. */
    void moveAliases() {
        start(() -> {
            String alias = "/v1/models/line/aliases/prod";
            json(http.send(put(alias, "{\"version\": 1}", "If-None-Match", "*"), BodyHandlers.ofString()));
            while (!isOver) {
                HttpResponse<String> response = timed("alias", put(alias, "{\"version\": 1}", "If-Match", "\"1\""));
                if (response.statusCode() != 200) {
                    wrong.add("alias: " + response.statusCode() + " " + start(response));
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
            }
            return true;
        });
    }

    private HttpRequest put(String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(addresses.apply(path)).header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body));
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private HttpResponse<String> timed(String kind, HttpRequest request) throws IOException, InterruptedException {
        return timed(kind, request, new AtomicBoolean());
    }

    /** @param hasBegun is set once the head of the answer is there */
    private HttpResponse<String> timed(String kind, HttpRequest request, AtomicBoolean hasBegun) throws IOException, InterruptedException {
        long start = System.nanoTime();
        HttpResponse<String> response = http.send(request, head -> {
            hasBegun.set(true);
            return BodyHandlers.ofString().apply(head);
        });
        times.computeIfAbsent(kind, _ -> new ConcurrentLinkedQueue<>()).add(System.nanoTime() - start);
        return response;
    }

    static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    static String start(HttpResponse<String> response) {
        return response.body().substring(0, Math.min(500, response.body().length()));
    }

    /** Which number each version was stored with. */
    Map<Integer, Integer> written() {
        return written;
    }

    /** Tells them to end, and holds that all answers were right, and that not more than so many broke off before. */
    void end(int mostBrokenOff) throws IOException, InterruptedException, ExecutionException {
        isOver = true;
        for (Future<?> client : running) {
            client.get();
        }
        jobs.lookAtAll();
        assertThat(wrong).isEmpty();
        assertThat(repeated.get()).as("what the proxy had to send again").isZero();
        assertThat(brokenOff.get()).isLessThanOrEqualTo(mostBrokenOff);
    }

    /** Prints how many requests there were of each kind, and how long they took. */
    void tell() {
        new TreeMap<>(times).forEach((kind, nanos) -> {
            double[] sorted = nanos.stream().mapToDouble(time -> time / 1e6).sorted().toArray();
            System.out.printf("%-10s %6d requests, p50 %.1f ms, p99 %.1f ms, longest %.0f ms%n", kind, sorted.length,
                    sorted[sorted.length / 2], sorted[(int) (0.99 * sorted.length)], Arrays.stream(sorted).max().orElse(0));
        });
        System.out.printf("%d versions stored; %d requests to store something were sent again by their client; %d answers broke off%n",
                written.size(), repeated.get(), brokenOff.get());
        jobs.tell();
    }

    @Override
    public void close() {
        isOver = true;
        threads.shutdownNow();
        http.shutdownNow();
    }
}
