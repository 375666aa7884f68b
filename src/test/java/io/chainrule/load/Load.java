package io.chainrule.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Clients that ask at times that do not depend on the answers, so that a service that is slow is asked no less. */
final class Load implements AutoCloseable {
    private static final double NANOS = 1e9;
    private static final int CLIENTS = 20;
    /** So many requests of one kind may be under way; more would test the generator. */
    private static final int MOST_UNDER_WAY = 300;
    private static final String HEALTH = "/actuator/health/liveness";

    private final int port;
    private final ConcurrentLinkedQueue<Client> idle = new ConcurrentLinkedQueue<>();

    Load(int port) {
        this.port = port;
    }

    /** Asks by a connection that is free, or by a new one if the service has closed that; 0 if that ended too. */
    private int ask(byte[] request) {
        Client free = idle.poll();
        if (free != null) {
            try {
                return ask(free, request);
            } catch (IOException _) {
                // The service closes connections that nobody has used for a minute.
            }
        }
        try {
            return ask(new Client(port), request);
        } catch (IOException _) {
            return 0;
        }
    }

    private int ask(Client client, byte[] request) throws IOException {
        int status = client.ask(request);
        if (client.isOpen()) {
            idle.add(client);
        } else {
            client.close();
        }
        return status;
    }

    private void ask(byte[] request, Tally tally) {
        long start = System.nanoTime();
        int status = ask(request);
        tally.add(status, (System.nanoTime() - start) / 1e6);
    }

    /** Asks for {@code factor} times the mix, and for the service's health, for so many seconds; returns when all has been answered. */
    Map<String, Tally> run(List<Kind> mix, double factor, double seconds) throws InterruptedException {
        Map<String, Tally> tallies = new LinkedHashMap<>();
        mix.forEach(kind -> tallies.put(kind.name(), new Tally()));
        tallies.put("health", new Tally());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Thread> all = new ArrayList<>();
            for (Kind kind : mix) {
                Tally tally = Objects.requireNonNull(tallies.get(kind.name()));
                all.add(Thread.startVirtualThread(() -> arrivals(kind, factor * kind.share() / kind.seconds(), seconds, tally, threads)));
            }
            byte[] health = Client.request("GET", HEALTH, "10.1.0.1", "");
            Tally tally = Objects.requireNonNull(tallies.get("health"));
            all.add(Thread.startVirtualThread(() -> arrivals(_ -> health, 10, seconds, new Random(7), tally, threads)));
            for (Thread arriving : all) {
                arriving.join();
            }
        }
        return tallies;
    }

    private void arrivals(Kind kind, double rate, double seconds, Tally tally, ExecutorService threads) {
        List<byte[]> requests = IntStream.range(0, CLIENTS).mapToObj(client -> kind.request("10.0.0." + client)).toList();
        arrivals(client -> kind.isAlwaysNew() ? kind.request("10.0.0." + client) : requests.get(client), rate, seconds,
                new Random(kind.name().hashCode()), tally, threads);
    }

    private void arrivals(IntFunction<byte[]> requests, double rate, double seconds, Random random, Tally tally,
            ExecutorService threads) {
        AtomicInteger underWay = new AtomicInteger();
        long start = System.nanoTime();
        double next = 0;
        while (true) {
            next -= Math.log(1 - random.nextDouble()) / rate;
            if (next > seconds) {
                return;
            }
            long wait = start + (long) (next * NANOS) - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            }
            if (underWay.get() < MOST_UNDER_WAY) {
                underWay.incrementAndGet();
                byte[] request = requests.apply(random.nextInt(CLIENTS));
                threads.execute(() -> {
                    ask(request, tally);
                    underWay.decrementAndGet();
                });
            } else {
                tally.skip();
            }
        }
    }

    /** Asks for something so often; a service that has just started may be too slow to answer all. */
    void unmeasured(Kind kind, int times) {
        Tally ignored = new Tally();
        for (int i = 0; i < times; i++) {
            ask(kind.request("10.2.0.1"), ignored);
        }
    }

    /** How many milliseconds an answer takes when one is asked for after the other, sorted. */
    double[] alone(Kind kind, int times, long pauseMillis) throws InterruptedException {
        byte[] request = kind.request("10.2.0.1");
        Tally tally = new Tally();
        for (int i = 0; i < times; i++) {
            ask(kind.isAlwaysNew() ? kind.request("10.2.0.1") : request, tally);
            TimeUnit.MILLISECONDS.sleep(pauseMillis);
        }
        if (tally.answered() < times) {
            throw new IllegalStateException(kind.name() + " is not answered while the service is idle");
        }
        return tally.sorted();
    }

    @Override
    public void close() throws IOException {
        for (Client client = idle.poll(); client != null; client = idle.poll()) {
            client.close();
        }
    }
}
