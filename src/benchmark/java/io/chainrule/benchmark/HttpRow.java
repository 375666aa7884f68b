package io.chainrule.benchmark;

import io.chainrule.benchmark.Line.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows c, d, s and t: requests to the service, beside a bare Spring service that answers the same bytes, and beside a service written by
 * hand with FastAPI and PyTorch. wrk makes the load, on loopback.
 */
final class HttpRow implements Measurement {
    private static final int[] CONNECTIONS = {1, 16};
    /** With more, the compiler gets too little of the processor while the service warms up. */
    private static final int FEW = 2;
    private static final Steadiness STEADINESS = new Steadiness(3, 24);
    private static final int ROUNDS = 7;
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern COUNT = Pattern.compile("(\\d+) requests in");
    private static final Pattern FAILURES = Pattern.compile("(Non-2xx.*|Socket errors.*)");
    private static final double CPU = 1 / 1.15;

    private static final String NO_NODES = ", \"nodes\": \"none\"";

    private final Settings settings;
    private final String row;
    private final String work;
    private final Call call;
    private final boolean hasTorch;
    private final double least;

    /**
     * What is asked.
     *
     * @param model the body that stores the model "kept", which the call names; null if it needs none
     */
    private record Call(String path, String body, @Nullable String model) {
        static Call of(String path, String program, String inputs, String more) {
            return new Call(path, "{\"expression\": \"" + program + "\", \"inputs\": {" + inputs + "}" + more + "}", null);
        }

        static Call ofModel(String model, String inputs, String more) {
            return new Call("/v1/gradient", "{\"model\": \"kept\", \"inputs\": {" + inputs + "}" + more + "}", model);
        }
    }

    private HttpRow(Settings settings, String row, String work, Call call, boolean hasTorch, double least) {
        this.settings = settings;
        this.row = row;
        this.work = work;
        this.call = call;
        this.hasTorch = hasTorch;
        this.least = least;
    }

    private static Call neuron(String nodes) {
        return Call.of("/v1/gradient", NeuronRows.PROGRAM, "\"w0\": 2, \"x0\": -1, \"w1\": -3, \"x1\": -2, \"w2\": -3", nodes);
    }

    /** The same neuron as a model, which keeps its weights. */
    static HttpRow ofModel(Settings settings) {
        String model = "{\"expression\": \"" + NeuronRows.PROGRAM + "\", \"inputs\": {\"w0\": 2, \"w1\": -3, \"w2\": -3}}";
        return new HttpRow(settings, "s", "POST /v1/gradient of a model of a sigmoid neuron, by its two inputs, no nodes",
                Call.ofModel(model, "\"x0\": -1, \"x1\": -2", NO_NODES), false, 0.8);
    }

    static HttpRow withoutNodes(Settings settings) {
        return new HttpRow(settings, "c", "POST /v1/gradient of a sigmoid neuron, no nodes", neuron(NO_NODES), true, 0.8);
    }

    static HttpRow withNodes(Settings settings) {
        return new HttpRow(settings, "d", "POST /v1/gradient of a sigmoid neuron, all nodes", neuron(""), true, 0.6);
    }

    /** The five programs of {@code docs/scale.md}. */
    static List<HttpRow> ofScale(Settings settings) {
        Random random = new Random(1);
        String product = "sum((W @ x)^2)";
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("a sigmoid neuron by 5 numbers", neuron(NO_NODES));
        calls.put("sum((W @ x)^2) by W, 100 × 100, and x",
                Call.of("/v1/gradient", product, numbers(random, "W", 100, 100) + ", " + numbers(random, "x", 100), NO_NODES));
        calls.put("the same by x, W in a model",
                Call.ofModel("{\"expression\": \"" + product + "\", \"inputs\": {" + numbers(random, "W", 100, 100) + "}}",
                        numbers(random, "x", 100), ", \"wrt\": [\"x\"]" + NO_NODES));
        calls.put("Hessian of sum(tanh(W @ x)^2) by x, 20 × 20", Call.of("/v1/hessian", "sum(tanh(W @ x)^2)",
                numbers(random, "W", 20, 20) + ", " + numbers(random, "x", 20), ", \"wrt\": [\"x\"]"));
        calls.put("mean loss of two layers in a model by their 97 parameters, 1,000 samples", Call.ofModel("""
                {"expression": "mean((tanh(X @ W1 + b1) @ W2 + b2 - y)^2)", "inputs": {%s, %s, %s, "b2": 0.1},
                 "declares": {"X": {"shape": ["n", 4]}, "y": {"shape": ["n"]}}}""".formatted(numbers(random, "W1", 4, 16),
                numbers(random, "b1", 16), numbers(random, "W2", 16)), numbers(random, "X", 1000, 4) + ", " + numbers(random, "y", 1000),
                ", \"wrt\": [\"W1\", \"b1\", \"W2\", \"b2\"]" + NO_NODES));
        List<HttpRow> rows = new ArrayList<>();
        calls.forEach((work, call) -> rows.add(new HttpRow(settings, "t", work, call, false, Double.NaN)));
        return rows;
    }

    /** A member of a JSON object: an array of numbers with five digits behind the point, between -1 and 1. */
    private static String numbers(Random random, String name, int... shape) {
        return "\"" + name + "\": " + numbers(random, shape);
    }

    private static String numbers(Random random, int[] shape) {
        if (shape.length == 0) {
            return String.format(Locale.ROOT, "%.5f", random.nextDouble(-1, 1));
        }
        int[] each = Arrays.copyOfRange(shape, 1, shape.length);
        return IntStream.range(0, shape[0]).mapToObj(_ -> numbers(random, each)).collect(Collectors.joining(",", "[", "]"));
    }

    @Override
    public String row() {
        return row;
    }

    /** A service under load, and what was measured of it: nanoseconds a request, by the number of connections. */
    private record Loaded(Server server, String path, Map<Integer, DoubleStream.Builder> elapsed,
            Map<Integer, DoubleStream.Builder> processor) implements AutoCloseable {
        Loaded(Server server, String path) {
            this(server, path, builders(), builders());
        }

        private static Map<Integer, DoubleStream.Builder> builders() {
            Map<Integer, DoubleStream.Builder> builders = new LinkedHashMap<>();
            for (int connections : CONNECTIONS) {
                builders.put(connections, DoubleStream.builder());
            }
            return builders;
        }

        @Override
        public void close() {
            server.close();
        }
    }

    @Override
    public List<Line> lines() throws Exception {
        Path folder = settings.folder();
        Path script = Files.writeString(folder.resolve("post.lua"), """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.body = [==[%s]==]
                """.formatted(call.body()));
        List<Line> lines = new ArrayList<>();
        try (Loaded ours = new Loaded(startOurs(), call.path())) {
            ours.server().awaitAnswer("/actuator/health/readiness");
            if (call.model() != null) {
                ours.server().put("/v1/models/kept", call.model());
            }
            Path answer = Files.writeString(folder.resolve("answer.json"), ours.server().post(call.path(), call.body()));
            try (Loaded echo = new Loaded(startEcho(answer), "/echo");
                    Loaded torch = hasTorch ? new Loaded(startTorch(), "/gradient") : null) {
                echo.server().awaitAnswer("/");
                List<Loaded> all = new ArrayList<>(List.of(ours, echo));
                if (torch != null) {
                    torch.server().awaitAnswer("/");
                    all.add(torch);
                }
                for (Loaded service : all) {
                    service.server().awaitIdle();
                    STEADINESS.await(() -> number(RATE, wrk(script, service, FEW, 5)));
                }
                for (int round = 0; round < ROUNDS; round++) {
                    for (int connections : CONNECTIONS) {
                        for (Loaded service : all) {
                            load(script, service, connections);
                        }
                    }
                }
                for (int connections : CONNECTIONS) {
                    String load = ", " + connections + (connections == 1 ? " connection" : " connections");
                    double[] elapsed = ours.elapsed().get(connections).build().toArray();
                    double[] processor = ours.processor().get(connections).build().toArray();
                    lines.add(new Line(row, work + load, Unit.TIME, elapsed, "bare Spring echo of the same bytes",
                            echo.elapsed().get(connections).build().toArray(), least));
                    if (torch != null) {
                        lines.add(new Line(row, work + load, Unit.TIME, elapsed, "FastAPI and PyTorch 1.13 by hand",
                                torch.elapsed().get(connections).build().toArray(), Double.NaN));
                    }
                    lines.add(new Line(row, work + load + ", CPU time", Unit.TIME, processor, "bare Spring echo of the same bytes",
                            echo.processor().get(connections).build().toArray(), row.equals("c") ? CPU : Double.NaN));
                }
            }
        }
        return lines;
    }

    private Server startOurs() throws IOException {
        return Server.start(settings.folder(), "service", port -> List.of(Server.java(), "--add-modules", "jdk.incubator.vector", "-jar",
                settings.jar().toString(), "--server.port=" + port,
                "--chainrule.data-directory=" + settings.folder().resolve("data-" + row)));
    }

    private Server startEcho(Path answer) throws IOException {
        return Server.start(settings.folder(), "echo", port -> List.of(Server.java(), "-cp", System.getProperty("java.class.path"),
                Echo.class.getName(), String.valueOf(port), answer.toString()));
    }

    private Server startTorch() throws IOException {
        return Server.start(settings.folder(), "fastapi", port -> List.of(PythonPeer.PYTHON, "-m", "uvicorn", "--app-dir",
                PythonPeer.SCRIPTS.toString(), "--port", String.valueOf(port), "--log-level", "warning", "service:app"));
    }

    private void load(Path script, Loaded service, int connections) throws IOException, InterruptedException {
        double before = service.server().processorTime();
        String report = wrk(script, service, connections, settings.isQuick() ? 1 : 3);
        double processor = service.server().processorTime() - before;
        service.elapsed().get(connections).add(1e9 / number(RATE, report));
        service.processor().get(connections).add(processor / number(COUNT, report));
    }

    private static String wrk(Path script, Loaded service, int connections, int seconds) throws IOException, InterruptedException {
        String report = Commands.run("wrk", "-t1", "-c" + connections, "-d" + seconds + "s", "-s", script.toString(),
                service.server().url(service.path()));
        Matcher failures = FAILURES.matcher(report);
        if (failures.find()) {
            throw new IOException(service.path() + ": " + failures.group());
        }
        return report;
    }

    private static double number(Pattern pattern, String report) {
        Matcher matcher = pattern.matcher(report);
        if (!matcher.find()) {
            throw new IllegalStateException("wrk answers " + report);
        }
        return Double.parseDouble(matcher.group(1));
    }
}
