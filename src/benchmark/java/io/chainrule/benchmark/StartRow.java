package io.chainrule.benchmark;

import io.chainrule.benchmark.Line.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Row m: from the start of a process to the first yes of its readiness probe, as the image starts it, with its AOT cache and without; and
 * the first gradient after that.
 */
final class StartRow implements Measurement {
    private static final String WORK = "start of the service with its AOT cache, as in the image, until it is ready";
    private static final double LEAST = 1 / 0.4;
    private static final List<String> MODULE = List.of("--add-modules", "jdk.incubator.vector");
    private static final List<String> FLAGS = List.of("-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError");
    private static final String READY = "/actuator/health/readiness";
    private static final String FIRST = "first POST /v1/gradient of a service that has just started, a product of 100 × 100";
    private static final String PROGRAM = """
            {"expression": "sum(tanh(A @ A))", "inputs": {"A": {"object_type": "array", "shape": [100, 100], "dtype": "float64",
            "data": {"buffer": "%s", "encoding": "base64"}}}}
            """.formatted(Base64.getEncoder().encodeToString(new byte[100 * 100 * Double.BYTES]));

    private final Settings settings;

    StartRow(Settings settings) {
        this.settings = settings;
    }

    @Override
    public String row() {
        return "m";
    }

    @Override
    public List<Line> lines() throws IOException, InterruptedException {
        Path app = settings.folder().resolve("app");
        Commands.run(Server.java(), "-Djarmode=tools", "-jar", settings.jar().toString(), "extract", "--force", "--destination",
                app.toString(), "--application-filename", "app.jar");
        List<String> withModule = Stream.concat(MODULE.stream(), FLAGS.stream()).toList();
        train(app, withModule, "module.aot");
        train(app, FLAGS, "plain.aot");
        Map<String, List<String>> ways = new LinkedHashMap<>();
        ways.put("", with(withModule, "-XX:AOTCache=module.aot"));
        ways.put("without the cache", withModule);
        ways.put("with a cache, without the incubator module", with(FLAGS, "-XX:AOTCache=plain.aot"));
        ways.put("without either", FLAGS);
        Map<String, List<Start>> starts = new LinkedHashMap<>();
        ways.keySet().forEach(way -> starts.put(way, new ArrayList<>()));
        for (int round = 0; round < settings.rounds() + 1; round++) {
            for (Map.Entry<String, List<String>> way : ways.entrySet()) {
                starts.get(way.getKey()).add(start(app, way.getValue()));
            }
        }
        List<Start> ours = Objects.requireNonNull(starts.remove(""));
        List<Line> lines = new ArrayList<>();
        starts.forEach((way, measured) -> lines.add(line(WORK, ours, way, measured, Start::ready,
                way.equals("without the cache") ? LEAST : Double.NaN)));
        starts.forEach((way, measured) -> lines.add(line(FIRST, ours, way, measured, Start::first, Double.NaN)));
        return lines;
    }

    /** The nanoseconds until a service was ready, and those of its first answer. */
    private record Start(double ready, double first) {}

    private Line line(String work, List<Start> ours, String way, List<Start> measured, ToDoubleFunction<Start> time, double least) {
        return new Line(row(), work, Unit.TIME, ours.stream().mapToDouble(time).toArray(), way,
                measured.stream().mapToDouble(time).toArray(), least);
    }

    private static List<String> with(List<String> flags, String flag) {
        return Stream.concat(flags.stream(), Stream.of(flag)).toList();
    }

    /** Starts the service, has it answer a request and end, and keeps what the JVM learned. */
    private static void train(Path app, List<String> flags, String cache) throws IOException, InterruptedException {
        Files.deleteIfExists(app.resolve(cache));
        Commands.run(new ProcessBuilder(command(with(flags, "-XX:AOTCacheOutput=" + cache), "-Dchainrule.warm-up=exit", "--server.port=0"))
                .directory(app.toFile()));
    }

    private static List<String> command(List<String> flags, String property, String... arguments) {
        return Stream.of(Stream.of(Server.java()), flags.stream(), Stream.of(property, "-jar", "app.jar"), Stream.of(arguments))
                .flatMap(part -> part).toList();
    }

    private Start start(Path app, List<String> flags) throws IOException, InterruptedException {
        try (Server server = Server.start(app, settings.folder(), "start", port -> command(flags, "-Dserver.port=" + port))) {
            double ready = server.awaitAnswer(READY);
            long begin = System.nanoTime();
            server.post("/v1/gradient", PROGRAM);
            return new Start(ready, System.nanoTime() - begin);
        }
    }
}
