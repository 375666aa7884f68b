package io.chainrule.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What clients do who have trainings done as jobs, each with a key, follow their events through a proxy, and look at the answers. */
final class ReplicaJobs {
    /** So many take a second or more, so that some replicas are killed while they work on a job. */
    private static final int STEPS = 400_000;
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int PAUSE_MILLISECONDS = 1_000;
    private static final int TRIES = 10;

    private final ReplicaClients clients;
    private final HttpClient http;
    private final Function<String, URI> addresses;
    private final String keys;
    /** The jobs that there were before. */
    private final Set<String> others;
    /** The ids of accepted jobs, by their numbers. */
    private final Map<Integer, String> accepted = new ConcurrentHashMap<>();
    private final AtomicInteger attempts = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();

    /** @param keys what all keys begin with, which nobody has used */
    ReplicaJobs(ReplicaClients clients, HttpClient http, Function<String, URI> addresses, String keys)
            throws IOException, InterruptedException {
        this.clients = clients;
        this.http = http;
        this.addresses = addresses;
        this.keys = keys;
        others = all();
    }

    /** The ids of all jobs. */
    private Set<String> all() throws IOException, InterruptedException {
        Set<String> all = new HashSet<>();
        String next = "";
        do {
            JsonNode page = ReplicaClients.json(clients.whole("jobs", get("/v1/jobs?limit=1000" + next).build()));
            page.path("jobs").forEach(job -> all.add(job.path("id").asString()));
            next = page.hasNonNull("next") ? "&after=" + page.path("next").asString() : "";
        } while (!next.isEmpty());
        return all;
    }

    /** Has jobs done, one after the other, whose numbers begin with {@code first} and grow by {@code step}. */
    boolean ask(int first, int step) throws InterruptedException {
        for (int number = first; !clients.isOver(); number += step) {
            try {
                String id = accepted(number);
                if (id != null) {
                    accepted.put(number, id);
                    follow(id);
                    look(number, id);
                    // By now another replica may answer.
                    if (!id.equals(accepted(number))) {
                        clients.isWrong("job " + number + " is also another than " + id);
                    }
                }
            } catch (IOException e) {
                clients.isWrong("job " + number + ": " + e);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
        }
        return true;
    }

    private HttpRequest.Builder get(String path) {
        return HttpRequest.newBuilder(addresses.apply(path));
    }

    /** The id of the job of this number. A client whose connection is lost, or who is told that a replica was lost, sends it again. */
    private @Nullable String accepted(int number) throws IOException, InterruptedException {
        HttpRequest request = get("/v1/jobs").header("Content-Type", "application/json").header("Idempotency-Key", keys + "-" + number)
                .POST(BodyPublishers.ofString("{\"kind\": \"train\", \"request\": {\"expression\": \"(w - " + number
                        + ")^2\", \"inputs\": {\"w\": 0}, \"wrt\": [\"w\"], \"steps\": " + STEPS
                        + ", \"optimizer\": {\"type\": \"sgd\", \"lr\": " + 1.0 / STEPS + "}, \"diagnostics\": \"none\"}}"))
                .build();
        for (int i = 1;; i++) {
            try {
                HttpResponse<String> response = clients.whole("job", request);
                if (response.statusCode() == 202) {
                    return ReplicaClients.json(response).path("id").asString();
                }
                if (response.statusCode() != 502 || i == TRIES) {
                    clients.isWrong("job " + number + ": " + response.statusCode() + " " + ReplicaClients.start(response));
                    return null;
                }
            } catch (IOException e) {
                if (i == TRIES) {
                    throw e;
                }
            }
            clients.hasRepeated();
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
        }
    }

    /** Reads all events of a job. A stream that ends early is asked for the rest, of which nothing may be missing. */
    private void follow(String id) throws InterruptedException {
        Followed followed = new Followed();
        while (!followed.hasEnded()) {
            if (followed.isTooLong()) {
                clients.isWrong("job " + id + " has not ended, and is " + followed.status);
                return;
            }
            streams.incrementAndGet();
            HttpRequest request = get("/v1/jobs/" + id + "/events").header("Last-Event-ID", String.valueOf(followed.last)).build();
            try {
                HttpResponse<Stream<String>> response = http.send(request, BodyHandlers.ofLines());
                try (Stream<String> lines = response.body()) {
                    if (response.statusCode() == 200) {
                        followed.read(lines.iterator());
                    } else {
                        clients.isWrong("events of job " + id + ": " + response.statusCode());
                        return;
                    }
                }
            } catch (IOException | UncheckedIOException _) {
                // The replica was lost; another tells the rest.
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS / 10);
        }
    }

    /** What is known of a job by its events. */
    private final class Followed {
        private final Instant end = Instant.now().plus(PATIENCE);
        private long last;
        private String status = "";

        boolean isTooLong() {
            return Instant.now().isAfter(end);
        }

        boolean hasEnded() {
            return Set.of("succeeded", "failed", "cancelled").contains(status);
        }

        /** An event has three lines, and counts when all are there. */
        void read(Iterator<String> lines) {
            long number = 0;
            String event = "";
            while (!isTooLong() && lines.hasNext()) {
                String line = lines.next();
                String value = line.substring(line.indexOf(':') + 1).strip();
                if (line.startsWith("id:")) {
                    number = Long.parseLong(value);
                } else if (line.startsWith("event:")) {
                    event = value;
                } else if (line.startsWith("data:")) {
                    if (number != last + 1) {
                        clients.isWrong("event " + number + " comes after " + last);
                    }
                    last = number;
                    status = event.equals("status") ? JsonMapper.shared().readTree(value).path("status").asString() : status;
                }
            }
        }
    }

    /** Looks at a job that has ended, and at its answer. */
    private void look(int number, String id) throws IOException, InterruptedException {
        JsonNode job = ReplicaClients.json(clients.whole("job status", get("/v1/jobs/" + id).build()));
        HttpResponse<String> answer = clients.whole("job answer", get("/v1/jobs/" + id + "/result").build());
        attempts.addAndGet(job.path("attempts").asInt());
        // A step that is left out, or made twice, changes the sixth digit.
        double expected = number * (1 - Math.pow(1 - 2.0 / STEPS, STEPS));
        double found = ReplicaClients.json(answer).at("/parameters/w").asDouble(Double.NaN);
        if (!job.path("status").asString().equals("succeeded") || !(Math.abs(found - expected) <= 1e-9 * expected)) {
            clients.isWrong("job " + number + ": " + job + " " + answer.statusCode() + " " + ReplicaClients.start(answer));
        }
    }

    /** Looks whether each accepted job is there, and no other. */
    void lookAtAll() throws IOException, InterruptedException {
        Set<String> found = all();
        found.removeAll(others);
        if (!found.equals(Set.copyOf(accepted.values()))) {
            clients.isWrong("jobs " + found + " where " + accepted + " were accepted");
        }
    }

    void tell() {
        System.out.printf("%d jobs done, in %d attempts; their events were read in %d streams%n", accepted.size(), attempts.get(),
                streams.get());
    }
}
