package io.chainrule.load;

import static io.chainrule.load.Tally.quantile;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The service with 512 MB on one core, while its clients, on another, ask for ten times as much as it can compute. The figures are written
 * to {@code target/fortress/soak.md}. {@code -Dfortress.soak=60} makes it a minute instead of half an hour.
 */
@Tag("fortress")
class SoakTest {
    private static final double SECONDS = Double.parseDouble(System.getProperty("fortress.soak", "1800"));
    /** What the command of the service begins with. */
    private static final List<String> PREFIX = List.of(System.getProperty("fortress.soak.prefix", "taskset -c 0").split(" ", -1));
    /** What a request may take; more than by default where others use the machine too. */
    private static final String TIME = System.getProperty("fortress.soak.time", "10s");
    private static final Path FOLDER = Path.of("target", "fortress");
    private static final int OVERLOAD = 10;
    private static final int WARM_UP = 60;
    /** Seconds for which one kind is measured alone; a kind that takes longer is asked for three times. */
    private static final double LONGEST_MEASURED = 6;
    /** Connections that nobody uses are closed after a minute. */
    private static final int UNTIL_CONNECTIONS_END = 75;

    private final StringWriter text = new StringWriter();
    private final PrintWriter report = new PrintWriter(text);

    /** All threads of these clients keep to some cores. */
    private static void pinClients(String cores) throws IOException, InterruptedException {
        Process taskset = new ProcessBuilder("taskset", "-a", "-cp", cores, String.valueOf(ProcessHandle.current().pid()))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        assertThat(taskset.waitFor()).as("taskset pins this process to cores " + cores).isZero();
    }

    /** The seconds of a processor that one of so many requests takes. */
    private static double seconds(ServiceProcess service, Load load, Kind kind, int times) throws IOException, InterruptedException {
        double before = service.cpuSeconds();
        load.alone(kind, times, 0);
        return Math.max(1e-4, (service.cpuSeconds() - before) / times);
    }

    /** How much of something takes so many seconds of a processor, if {@code some} of it takes what is measured. */
    private static int amount(ServiceProcess service, Load load, Kind some, int of, double seconds)
            throws IOException, InterruptedException {
        load.unmeasured(some, 3);
        return (int) Math.max(1, of * seconds / seconds(service, load, some, 5));
    }

    private static List<Kind> mix(ServiceProcess service, Load load) throws IOException, InterruptedException {
        int rounds = amount(service, load, new Kind("some work", "/v1/evaluate", Kind.work(500), 0, 0), 500, 1);
        int steps = amount(service, load, new Kind("some steps", "/v1/train", Kind.training(2_000), 0, 0), 2_000, 1);
        List<Kind> kinds = List.of(new Kind("tiny gradient", "/v1/gradient", Kind.TINY, 0, 0.02),
                new Kind("50 ms", "/v1/evaluate", Kind.work(Math.max(1, rounds / 20)), 0, 0.28),
                new Kind("1 s", "/v1/evaluate", Kind.work(rounds), 0, 0.25),
                new Kind("5 s", "/v1/evaluate", Kind.work(5 * rounds), 0, 0.15),
                new Kind("new program", "/v1/gradient", Kind.newProgram(), 0, 0.1),
                new Kind("training of 1 s", "/v1/train", Kind.training(steps), 0, 0.1),
                new Kind("body of 2 MB", "/v1/evaluate", Kind.largeBody(), 0, 0.1),
                new Kind("document of 350 kB", "/v3/api-docs", "", 0, 0.005));
        List<Kind> measured = new ArrayList<>();
        for (Kind kind : kinds) {
            int times = (int) Math.clamp(LONGEST_MEASURED / seconds(service, load, kind, 2), 3, 300);
            measured.add(kind.taking(seconds(service, load, kind, times)));
        }
        return measured;
    }

    /** The seconds of an idle core that what was answered is worth. */
    private static double worth(List<Kind> mix, Map<String, Tally> tallies) {
        return mix.stream().mapToDouble(kind -> kind.seconds() * of(tallies, kind.name()).answered()).sum();
    }

    private static Tally of(Map<String, Tally> tallies, String name) {
        return Objects.requireNonNull(tallies.get(name));
    }

    private void table(List<Kind> mix, Map<String, Tally> tallies) {
        report.printf(Locale.ROOT,
                "| kind | alone | answered | 503 | 504 | others | not asked | p50 ms | p99 ms | most ms |%n|---|---|---|---|---|---|---|---|---|---|%n");
        for (Map.Entry<String, Tally> entry : tallies.entrySet()) {
            double alone = mix.stream().filter(kind -> kind.name().equals(entry.getKey())).mapToDouble(Kind::seconds).sum();
            Tally tally = entry.getValue();
            double[] sorted = tally.sorted();
            report.printf(Locale.ROOT, "| %s | %.4f s | %d | %d | %d | %d | %d | %.1f | %.1f | %.1f |%n", entry.getKey(), alone,
                    tally.answered(), tally.refused(),
                    tally.late(), tally.others(), tally.skipped(), quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1));
        }
        report.printf(Locale.ROOT, "%n");
    }

    @Test
    void theServiceHoldsUnderTenTimesTheLoad() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        String all = "0-" + (Runtime.getRuntime().availableProcessors() - 1);
        pinClients("1");
        try (ServiceProcess service = new ServiceProcess(FOLDER, PREFIX, "-XX:MaxRAM=512m", "-XX:MaxRAMPercentage=45",
                "-XX:SurvivorRatio=2", "-XX:TargetSurvivorRatio=95", "-XX:TrimNativeHeapInterval=5000",
                "-Xlog:gc:file=" + FOLDER.resolve("gc.log"),
                "-Dchainrule.http.connections-per-address=0", "-Dchainrule.quotas.requests=0", "-Dchainrule.quotas.compute-seconds=0",
                "-Dchainrule.quotas.bytes=0", "-Dchainrule.quotas.trainings=0", "-Dchainrule.limits.flops=1000000000000",
                "-Dchainrule.limits.time=" + TIME);
                Load load = new Load(service.port)) {
            soak(service, load);
        } finally {
            Files.writeString(FOLDER.resolve("soak.md"), text.toString());
            pinClients(all);
        }
    }

    private void soak(ServiceProcess service, Load load) throws IOException, InterruptedException {
        List<Kind> first = mix(service, load);
        load.run(first, 1, WARM_UP);
        List<Kind> mix = mix(service, load);
        double[] idle = load.alone(mix.getFirst(), 1_000, 5);
        int threads = service.threads();
        int descriptors = service.descriptors();

        double before = service.cpuSeconds();
        Map<String, Tally> once = load.run(mix, 1, Math.clamp(SECONDS / 4, 30, 120));
        double worthOnce = worth(mix, once) / (service.cpuSeconds() - before);

        before = service.cpuSeconds();
        long start = System.nanoTime();
        Map<String, Tally> tenTimes;
        try (SlowClients _ = new SlowClients(service.port, 20, 10)) {
            tenTimes = load.run(mix, OVERLOAD, SECONDS);
        }
        double cpu = service.cpuSeconds() - before;
        double worthTenTimes = worth(mix, tenTimes) / cpu;
        double[] refusals = service.milliseconds(503);
        double[] health = of(tenTimes, "health").sorted();
        double[] tiny = of(tenTimes, "tiny gradient").sorted();

        report.printf(Locale.ROOT, "## What is asked once%n%n");
        table(mix, once);
        report.printf(Locale.ROOT, "## Ten times as much%n%n");
        table(mix, tenTimes);
        report.printf(Locale.ROOT, "| figure | value |%n|---|---|%n");
        report.printf(Locale.ROOT, "| tiny gradient alone, p50 and p99 ms | %.2f, %.2f |%n", quantile(idle, 0.5), quantile(idle, 0.99));
        report.printf(Locale.ROOT, "| computed in a second of the processor, asked once and ten times | %.3f, %.3f |%n", worthOnce,
                worthTenTimes);
        double ofCore = cpu * 1e9 / (System.nanoTime() - start);
        report.printf(Locale.ROOT, "| of a core that the service had | %.2f |%n", ofCore);
        report.printf(Locale.ROOT, "| 503 decided in, p50, p99 and most ms | %.2f, %.2f, %.2f |%n", quantile(refusals, 0.5),
                quantile(refusals, 0.99),
                quantile(refusals, 1));
        report.printf(Locale.ROOT, "| most memory, MB | %.0f |%n", service.mostMegabytes());
        load.close();
        TimeUnit.SECONDS.sleep(UNTIL_CONNECTIONS_END);
        report.printf(Locale.ROOT, "| threads before and after | %d, %d |%n", threads, service.threads());
        report.printf(Locale.ROOT, "| descriptors before and after | %d, %d |%n", descriptors, service.descriptors());

        SoftAssertions that = new SoftAssertions();
        that.assertThat(service.isAlive()).as("it runs").isTrue();
        that.assertThat(service.hasLogged("OutOfMemoryError")).as("memory was exhausted").isFalse();
        that.assertThat(ofCore).as("of a core that the service had, while it was asked for ten").isGreaterThan(0.9);
        that.assertThat(quantile(health, 0.99)).as("health, p99 ms").isLessThan(50);
        that.assertThat(of(tenTimes, "health").refused()).as("health that was refused").isZero();
        that.assertThat(quantile(tiny, 0.99)).as("tiny gradient, p99 ms").isLessThan(3 * quantile(idle, 0.99));
        that.assertThat(worthOnce).as("what is computed in a second of the processor when asked once; more is not possible")
                .isLessThan(1.1);
        that.assertThat(worthTenTimes).as("what is computed in a second of the processor").isGreaterThan(0.9 * worthOnce);
        mix.forEach(kind -> that.assertThat(of(tenTimes, kind.name()).answered()).as("answers of %s", kind.name()).isPositive());
        tenTimes.forEach((name, tally) -> that.assertThat(tally.others()).as("other answers of %s", name).isZero());
        tenTimes.forEach((name, tally) -> that.assertThat(tally.late()).as("answers of %s that came in vain", name)
                .isLessThanOrEqualTo(tally.answered() / 4));
        that.assertThat(quantile(refusals, 0.99)).as("503, p99 ms").isLessThan(5);
        that.assertThat(service.threads()).as("threads").isLessThanOrEqualTo(threads + 2);
        that.assertThat(service.descriptors()).as("descriptors").isLessThanOrEqualTo(descriptors + 2);
        that.assertThat(service.mostMegabytes()).as("MB").isLessThan(512);
        that.assertAll();
    }
}
