package io.chainrule.benchmark;

import io.chainrule.benchmark.Line.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/**
 * Rows c, d and s: requests to the service, beside a bare Spring service that answers the same bytes, and beside a service written by hand
 * with FastAPI and PyTorch. wrk makes the load, on loopback.
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

    private final Settings settings;
    private final String row;
    private final String work;
    private final String body;
    private final boolean isOfModel;
    private final double least;

    private HttpRow(Settings settings, String row, String work, String body, boolean isOfModel, double least) {
        this.settings = settings;
        this.row = row;
        this.work = work;
        this.body = body;
        this.isOfModel = isOfModel;
        this.least = least;
    }

    private static HttpRow ofProgram(Settings settings, String row, String work, String nodes, double least) {
        return new HttpRow(settings, row, work, """
                {"expression": "%s", "inputs": {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}%s}\
                """.formatted(NeuronRows.PROGRAM, nodes), false, least);
    }

    /** The same neuron as a model, which keeps its weights. */
    static HttpRow ofModel(Settings settings) {
        return new HttpRow(settings, "s", "POST /v1/gradient of a model of a sigmoid neuron, by its two inputs, no nodes",
                "{\"model\": \"neuron\", \"inputs\": {\"x0\": -1, \"x1\": -2}, \"nodes\": \"none\"}", true, 0.8);
    }

    static HttpRow withoutNodes(Settings settings) {
        return ofProgram(settings, "c", "POST /v1/gradient of a sigmoid neuron, no nodes", ", \"nodes\": \"none\"", 0.8);
    }

    static HttpRow withNodes(Settings settings) {
        return ofProgram(settings, "d", "POST /v1/gradient of a sigmoid neuron, all nodes", "", 0.6);
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
                wrk.body = [[%s]]
                """.formatted(body));
        List<Line> lines = new ArrayList<>();
        try (Loaded ours = new Loaded(startOurs(), "/v1/gradient")) {
            ours.server().awaitAnswer("/actuator/health/readiness");
            if (isOfModel) {
                ours.server().put("/v1/models/neuron", """
                        {"expression": "%s", "inputs": {"w0": 2, "w1": -3, "w2": -3}}""".formatted(NeuronRows.PROGRAM));
            }
            Path answer = Files.writeString(folder.resolve("answer.json"), ours.server().post("/v1/gradient", body));
            try (Loaded echo = new Loaded(startEcho(answer), "/echo");
                    Loaded torch = isOfModel ? null : new Loaded(startTorch(), "/gradient")) {
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
