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

/** Row l: PyTorch's own functions for Jacobians and Hessians, which only Python has. */
final class PythonDerivatives implements Measurement {
    /** Debian's, which finds Debian's PyTorch. */
    static final String PYTHON = "/usr/bin/python3";
    static final Path SCRIPTS = Path.of("src", "benchmark", "python").toAbsolutePath();
    private static final double LEAST = 10;

    private final Settings settings;
    private final Timing timing;

    PythonDerivatives(Settings settings, Timing timing) {
        this.settings = settings;
        this.timing = timing;
    }

    @Override
    public String row() {
        return "l";
    }

    @Override
    public List<Line> lines() throws IOException, InterruptedException {
        List<Comparison> comparisons = JacobianRows.all();
        return List.of(line(comparisons.getFirst(), "jacobian", JacobianRows.layer()),
                line(comparisons.getLast(), "hessian", JacobianRows.point()));
    }

    private Line line(Comparison comparison, String function, Map<String, Tensor> inputs) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(settings.folder().resolve("python"));
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            ByteBuffer bytes = ByteBuffer.allocate(input.getValue().length() * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(input.getValue().data());
            Files.write(folder.resolve(input.getKey()), bytes.array());
        }
        List<Double> times = new ArrayList<>();
        for (int round = 0; round < settings.rounds(); round++) {
            String output = Commands.run(PYTHON, SCRIPTS.resolve("derivatives.py").toString(), function, folder.toString());
            output.lines().map(Double::parseDouble).forEach(times::add);
        }
        requireEqual(comparison, Files.readAllBytes(folder.resolve("result")));
        return new Line(row(), comparison.work(), Unit.TIME, timing.ours(comparison),
                "PyTorch 1.13 in Python, " + function + "(vectorize=True)", times.stream().mapToDouble(Double::doubleValue).toArray(), LEAST);
    }

    private static void requireEqual(Comparison comparison, byte[] result) {
        double[] theirs = new double[result.length / Double.BYTES];
        ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(theirs);
        comparison.requireEqual("Python", theirs);
    }
}
