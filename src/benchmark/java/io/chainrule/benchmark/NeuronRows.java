package io.chainrule.benchmark;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.training.GradientCollector;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hipparchus.analysis.differentiation.Gradient;

/** Rows a and b: a sigmoid neuron with its gradient, for one sample and for a million. */
final class NeuronRows {
    static final String PROGRAM = "f = sigmoid(w0*x0 + w1*x1 + w2)";
    private static final String TORCH = "f = torch.sigmoid(w0*x0 + w1*x1 + w2)";
    private static final String[] NAMES = {"w0", "x0", "w1", "x1", "w2"};
    private static final double[] SAMPLE = {2, -1, -3, -2, -3};
    private static final int SAMPLES = 1_000_000;

    private NeuronRows() {}

    static List<Comparison> all() {
        return List.of(
                Comparison.of("a", "sigmoid neuron, value and gradient by 5 inputs", NeuronRows::positional)
                        .peer("PyTorch eager", 100, NeuronRows::eager)
                        .peer("PyTorch TorchScript", NeuronRows::script)
                        .peer("Hipparchus", 1, () -> Contender.of(NeuronRows::hipparchus))
                        .peer("Java by hand", () -> Contender.of(() -> byHand(SAMPLE))).build(),
                Comparison.of("b", "1,000,000 samples, shared weights, gradient of the sum by 3", NeuronRows::shared)
                        .peer("Java by hand", 1, NeuronRows::sharedByHand)
                        .peer("PyTorch", 5, () -> Torch.gradient(TORCH + ".sum()", sharedInputs(), "w0", "w1", "w2")).build(),
                Comparison.of("b", "1,000,000 samples, weights of their own, gradients by 5", NeuronRows::perSample)
                        .peer("Java by hand", 1, NeuronRows::perSampleByHand)
                        .peer("PyTorch", 5, () -> Torch.gradient(TORCH, perSampleInputs(), NAMES))
                        .peer("copy of the same bytes", 0.8, NeuronRows::copy).build());
    }

    /** The inputs of one sample. */
    static Map<String, Tensor> sample() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < NAMES.length; i++) {
            inputs.put(NAMES[i], Tensor.scalar(SAMPLE[i]));
        }
        return inputs;
    }

    private static Contender positional() {
        CompiledFunction f = Program.parse(PROGRAM).valueAndGradient(NAMES).withoutRemarks().compile(Shapes.of((Object[]) NAMES));
        return Contender.of(() -> {
            Outcome outcome = f.call(SAMPLE);
            double[] results = new double[1 + NAMES.length];
            results[0] = outcome.value().item();
            for (int i = 0; i < NAMES.length; i++) {
                results[i + 1] = outcome.gradient(NAMES[i]).item();
            }
            return results;
        });
    }

    private static Contender eager() {
        PtNDManager manager = Torch.manager();
        NDList leaves = new NDList();
        for (double value : SAMPLE) {
            NDArray leaf = manager.create(value);
            leaf.setRequiresGradient(true);
            leaves.add(leaf);
        }
        return Contender.of(() -> {
            try (NDList made = new NDList(); GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                made.add(leaves.get(0).mul(leaves.get(1)));
                made.add(leaves.get(2).mul(leaves.get(3)));
                made.add(made.get(0).add(made.get(1)));
                made.add(made.get(2).add(leaves.get(4)));
                NDArray f = made.get(3).getNDArrayInternal().sigmoid();
                made.add(f);
                collector.backward(f);
                double[] results = new double[1 + leaves.size()];
                results[0] = f.getDouble();
                for (int i = 0; i < leaves.size(); i++) {
                    NDArray gradient = leaves.get(i).getGradient();
                    made.add(gradient);
                    results[i + 1] = gradient.getDouble();
                }
                return results;
            }
        });
    }

    private static Contender script() {
        return Torch.gradient(TORCH, sample(), NAMES);
    }

    private static double[] hipparchus() {
        Gradient w0 = Gradient.variable(5, 0, SAMPLE[0]);
        Gradient x0 = Gradient.variable(5, 1, SAMPLE[1]);
        Gradient w1 = Gradient.variable(5, 2, SAMPLE[2]);
        Gradient x1 = Gradient.variable(5, 3, SAMPLE[3]);
        Gradient w2 = Gradient.variable(5, 4, SAMPLE[4]);
        Gradient f = w0.multiply(x0).add(w1.multiply(x1)).add(w2).negate().exp().add(1).reciprocal();
        double[] gradient = f.getGradient();
        double[] results = new double[1 + gradient.length];
        results[0] = f.getValue();
        System.arraycopy(gradient, 0, results, 1, gradient.length);
        return results;
    }

    private static double[] byHand(double[] in) {
        double f = 1 / (1 + Math.exp(-(in[0] * in[1] + in[2] * in[3] + in[4])));
        double slope = f * (1 - f);
        return new double[]{f, slope * in[1], slope * in[0], slope * in[3], slope * in[2], slope};
    }

    private static Map<String, Tensor> sharedInputs() {
        return Data.normal(1, "w0", "x0", SAMPLES, "w1", "x1", SAMPLES, "w2");
    }

    private static Contender shared() {
        Map<String, Tensor> inputs = sharedInputs();
        return Chainrule.of(
                Program.parse(PROGRAM).valueAndGradient("w0", "w1", "w2").withoutRemarks().reducedOver(Signature.Reduction.SUM, "x0", "x1")
                        .compile(Shapes.ofValues(inputs)),
                inputs, "w0", "w1", "w2");
    }

    private static Contender sharedByHand() {
        Map<String, Tensor> inputs = sharedInputs();
        double w0 = inputs.get("w0").item();
        double w1 = inputs.get("w1").item();
        double w2 = inputs.get("w2").item();
        double[] x0 = inputs.get("x0").data();
        double[] x1 = inputs.get("x1").data();
        return Contender.of(() -> {
            double sum = 0;
            double g0 = 0;
            double g1 = 0;
            double g2 = 0;
            for (int i = 0; i < SAMPLES; i++) {
                double f = 1 / (1 + Math.exp(-(w0 * x0[i] + w1 * x1[i] + w2)));
                double slope = f * (1 - f);
                sum += f;
                g0 += slope * x0[i];
                g1 += slope * x1[i];
                g2 += slope;
            }
            return new double[]{sum, g0, g1, g2};
        });
    }

    private static Map<String, Tensor> perSampleInputs() {
        return Data.normal(1, "w0", SAMPLES, "x0", SAMPLES, "w1", SAMPLES, "x1", SAMPLES, "w2", SAMPLES);
    }

    private static Contender perSample() {
        Map<String, Tensor> inputs = perSampleInputs();
        return Chainrule.repeated(
                Program.parse(PROGRAM).valueAndGradient(NAMES).over(NAMES).withoutRemarks().compile(Shapes.ofValues(inputs)),
                inputs, 1, NAMES);
    }

    private static double[][] arrays(Map<String, Tensor> inputs) {
        return inputs.values().stream().map(Tensor::data).toArray(double[][]::new);
    }

    private static Contender perSampleByHand() {
        double[][] in = arrays(perSampleInputs());
        double[][] out = new double[1 + in.length][SAMPLES];
        return new Contender() {
            @Override
            public Object run() {
                for (int i = 0; i < SAMPLES; i++) {
                    double f = 1 / (1 + Math.exp(-(in[0][i] * in[1][i] + in[2][i] * in[3][i] + in[4][i])));
                    double slope = f * (1 - f);
                    out[0][i] = f;
                    out[1][i] = slope * in[1][i];
                    out[2][i] = slope * in[0][i];
                    out[3][i] = slope * in[3][i];
                    out[4][i] = slope * in[2][i];
                    out[5][i] = slope;
                }
                return out;
            }

            @Override
            public double[] results() {
                return Arrays.stream(out).flatMapToDouble(Arrays::stream).toArray();
            }
        };
    }

    /** Reads the five inputs and writes six arrays, as per-sample gradients must at least. */
    private static Contender copy() {
        double[][] in = arrays(perSampleInputs());
        double[][] out = new double[1 + in.length][SAMPLES];
        return Contender.ofTime(() -> {
            for (int k = 0; k < out.length; k++) {
                System.arraycopy(in[Math.min(k, in.length - 1)], 0, out[k], 0, SAMPLES);
            }
            return out[in.length];
        });
    }
}
