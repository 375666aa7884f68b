package io.chainrule.benchmark;

import io.chainrule.benchmark.Line.Unit;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One more peer of a comparison: PyTorch in Python, which has functions of functions such as {@code hessian}. */
final class PythonPeer implements Measurement {
    /** Debian's, which finds Debian's PyTorch. */
    static final String PYTHON = "/usr/bin/python3";
    static final Path SCRIPTS = Path.of("src", "benchmark", "python").toAbsolutePath();

    private final Settings settings;
    private final Timing timing;
    private final Comparison comparison;
    private final String function;
    private final String name;
    private final double least;
    private final Map<String, Tensor> inputs;

    /** {@code function} is one of {@code derivatives.py}. */
    private PythonPeer(Settings settings, Timing timing, Comparison comparison, String function, String name, double least,
            Map<String, Tensor> inputs) {
        this.settings = settings;
        this.timing = timing;
        this.comparison = comparison;
        this.function = function;
        this.name = name;
        this.least = least;
        this.inputs = inputs;
    }

    static List<Measurement> all(Settings settings, Timing timing) {
        List<Comparison> matrices = JacobianRows.all();
        return List.of(
                new PythonPeer(settings, timing, NeuronRows.all().getFirst(), "neuron", "eager", 100, NeuronRows.sample()),
                new PythonPeer(settings, timing, matrices.getFirst(), "jacobian", "jacobian(vectorize=True)", 10, JacobianRows.layer()),
                new PythonPeer(settings, timing, matrices.getLast(), "hessian", "hessian(vectorize=True)", 10, JacobianRows.point()));
    }

    @Override
    public String row() {
        return comparison.row();
    }

    @Override
    public List<Line> lines() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(settings.folder().resolve("python"));
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            ByteBuffer bytes = ByteBuffer.allocate(input.getValue().length() * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(input.getValue().data());
            Files.write(folder.resolve(input.getKey()), bytes.array());
        }
        double[] ours = timing.ours(comparison);
        if (ours.length == 0) {
            throw new IllegalStateException(comparison.id() + ": ours was not measured");
        }
        List<Double> times = new ArrayList<>();
        for (int round = 0; round < settings.rounds(); round++) {
            String output = Commands.run(PYTHON, SCRIPTS.resolve("derivatives.py").toString(), function, folder.toString());
            output.lines().map(Double::parseDouble).forEach(times::add);
        }
        comparison.requireEqual(name, results(), read(folder.resolve("result")));
        return List.of(new Line(row(), comparison.work(), Unit.TIME, ours, "PyTorch 1.13 in Python, " + name,
                times.stream().mapToDouble(Double::doubleValue).toArray(), least));
    }

    private double[] results() {
        Contender contender = comparison.start(Comparison.OURS);
        try {
            contender.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return contender.results();
    }

    private static double[] read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        double[] values = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }
}
