package io.chainrule.benchmark;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Row q: evals of GradBench, as programs of ours, beside the same in PyTorch and where asked in C++ that is differentiated by hand. */
final class GradBenchRows {
    private static final String TORCH = "PyTorch";
    private static final String CPP = "C++ by hand";
    private static final double LEAST_OF_TORCH = 1;
    private static final double LEAST_OF_CPP = 0.5;

    private GradBenchRows() {}

    static List<Comparison> all() {
        return List.of(hello(), logSumExp(), clusters(), leastSquares(), differentialEquation(), mixture(), recurrence(), minors(),
                BundleAdjustment.comparison(), HandTracking.comparison(), SaddlePoint.comparison(), ChargedParticle.comparison());
    }

    private static Comparison hello() {
        return Comparison.of("q", "hello: x² and its derivative", () -> {
            CompiledFunction f = Program.parse("x^2").valueAndGradient("x").withoutRemarks().compile(Shapes.of("x"));
            return Contender.of(() -> {
                Outcome outcome = f.call(3.0);
                return new double[]{outcome.value().item(), outcome.gradient("x").item()};
            });
        }).peer(TORCH, LEAST_OF_TORCH, () -> Torch.gradient("f = x * x", Map.of("x", Tensor.scalar(3)), "x")).build();
    }

    private static Comparison logSumExp() {
        int n = 640_000;
        return Comparison.of("q", "lse: logsumexp of 640,000, gradient", () -> Chainrule.gradient("logsumexp(x)", uniform("x", n), "x"))
                .peer(TORCH, LEAST_OF_TORCH, () -> Torch.gradient("f = torch.logsumexp(x, [0])", uniform("x", n), "x"))
                .peer(CPP, LEAST_OF_CPP, () -> Cpp.function("lse", new int[]{n}, tensors(uniform("x", n)), 1 + n)).build();
    }

    private static Map<String, Tensor> uniform(Object... namesAndDimensions) {
        Random random = new Random(31337);
        Map<String, Tensor> values = new LinkedHashMap<>();
        Shapes.of(namesAndDimensions).toMap()
                .forEach((name, shape) -> values.put(name, Tensor.of(shape, random.doubles(shape.length()).toArray())));
        return values;
    }

    private static List<Tensor> tensors(Map<String, Tensor> values) {
        return List.copyOf(values.values());
    }

    private static Comparison clusters() {
        String cost = "d = sum(C^2, axis=1)[:, None] + sum(P^2, axis=1) - 2 * C @ P.T\nf = sum(min(d, axis=0))";
        return Comparison.of("q", "kmeans: 1,000 points in 1,000 clusters of dimension 8, gradient by diagonal Hessian", () -> {
            Map<String, Tensor> inputs = clustered();
            Shapes shapes = Shapes.ofValues(inputs);
            CompiledFunction product = Program.parse(cost).hvp(Shapes.of("C", 1000, 8), "C").withoutRemarks().compile(shapes);
            Map<String, Tensor> ones = Map.of("C", Tensor.full(Shape.of(1000, 8), 1));
            return Contender.of(() -> {
                Outcome outcome = product.call(inputs, ones);
                double[] first = outcome.gradient("C").data();
                double[] second = outcome.product("C").data();
                double[] direction = new double[first.length];
                Arrays.setAll(direction, i -> first[i] / second[i]);
                return direction;
            });
        }).peer(TORCH, LEAST_OF_TORCH, () -> Torch.derivative("""
                C = C.detach().requires_grad_()
                d = torch.unsqueeze((C * C).sum([1]), 1) + (P * P).sum([1]) - 2. * torch.matmul(C, P.t())
                cost = torch.amin(d, [0]).sum()
                g = unchecked_cast(Tensor, torch.autograd.grad([cost], [C], None, None, True)[0])
                h = unchecked_cast(Tensor, torch.autograd.grad([g.sum()], [C])[0])
                f = g / h
                """, clustered()))
                .peer(CPP, LEAST_OF_CPP, () -> Cpp.function("kmeans", new int[]{1000, 1000, 8}, tensors(clustered()), 8000))
                .build();
    }

    /** Points, and centers each of which is near to one of them, so that no cluster is empty. */
    private static Map<String, Tensor> clustered() {
        Map<String, Tensor> values = uniform("P", 1000, 8, "C", 1000, 8);
        double[] points = values.get("P").data();
        double[] centers = values.get("C").data();
        Arrays.setAll(centers, i -> points[i] + 0.05 * centers[i]);
        return values;
    }

    private static Comparison leastSquares() {
        String program = """
                p = x[127]
                for j in range(127):
                  p = p * t + x[126 - j]
                f = sum((sign(t) - p)^2) / 2
                """;
        return Comparison.of("q", "llsq: 16,392 equations, 128 unknowns, gradient", () -> Chainrule.gradient(program, equations(), "x"))
                .peer(TORCH, LEAST_OF_TORCH, () -> Torch.gradient("""
                        r = torch.sign(t) - torch.mv(torch.vander(t, 128, True), x)
                        f = (r * r).sum() / 2.
                        """, equations(), "x")).build();
    }

    private static Map<String, Tensor> equations() {
        Map<String, Tensor> values = uniform("x", 128, "t", 16_392);
        double[] t = values.get("t").data();
        Arrays.setAll(t, i -> -1 + 2.0 * i / (t.length - 1));
        return values;
    }

    private static Comparison differentialEquation() {
        int n = 100_000;
        String program = """
                def f(y):
                  return x * concatenate((one, y[:-1]), 0)
                y = zeros(shape=[100000])
                h = 0.2
                for s in range(10):
                  k1 = f(y)
                  k2 = f(y + h / 2 * k1)
                  k3 = f(y + h / 2 * k2)
                  k4 = f(y + h * k3)
                  y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
                total = sum(y)
                """;
        return Comparison.of("q", "ode: 10 steps of Runge-Kutta in 100,000 unknowns, gradient of their sum",
                () -> Chainrule.gradient(program, initial(n), "x"))
                .peer(TORCH, LEAST_OF_TORCH, () -> Torch.gradient("""
                        y = torch.zeros_like(x)
                        h = 0.2
                        for s in range(10):
                          k1 = x * torch.cat([one, y[:-1]])
                          k2 = x * torch.cat([one, (y + k1 * (h / 2.))[:-1]])
                          k3 = x * torch.cat([one, (y + k2 * (h / 2.))[:-1]])
                          k4 = x * torch.cat([one, (y + k3 * h)[:-1]])
                          y = y + (k1 + 2. * k2 + 2. * k3 + k4) * (h / 6.)
                        f = y.sum()
                        """, initial(n), "x"))
                .peer(CPP, LEAST_OF_CPP, () -> Cpp.function("ode", new int[]{n, 10}, List.of(initial(n).get("x")), 1 + n)).build();
    }

    private static Map<String, Tensor> initial(int n) {
        return Data.with(uniform("x", n), Map.of("one", Tensor.vector(1)));
    }

    private static Comparison mixture() {
        int n = 1000;
        int k = 100;
        int d = 32;
        int e = d * (d - 1) / 2;
        String program = """
                L = reshape(take(concatenate((l, none), 1), at, axis=1), shape=[100, 32, 32])
                Q = L + exp(q)[:, :, None] * I
                r = (x - mu[:, None]) @ swapaxes(Q, 1, 2)
                beta = (alpha + sum(q, axis=1))[:, None] - sum(r^2, axis=2) / 2
                prior = -(sum(exp(2 * q)) + sum(l^2)) / 2
                f = sum(logsumexp(beta, axis=0)) - 1000 * logsumexp(alpha) + prior
                """;
        String[] wrt = {"alpha", "mu", "q", "l"};
        return Comparison.of("q", "gmm 32_100: 1,000 points, 100 Gaussians of dimension 32, gradients",
                () -> Chainrule.gradient(program, gaussians(n, k, d), wrt))
                .peer(TORCH, LEAST_OF_TORCH, () -> Torch.gradient("""
                        L = torch.reshape(torch.index_select(torch.cat([l, none], 1), 1, torch.to(at, 4)), [100, 32, 32])
                        Q = L + torch.unsqueeze(torch.exp(q), 2) * I
                        r = torch.matmul(x - torch.unsqueeze(mu, 1), torch.transpose(Q, 1, 2))
                        beta = torch.unsqueeze(alpha + q.sum([1]), 1) - (r * r).sum([2]) / 2.
                        prior = -(torch.exp(2. * q).sum() + (l * l).sum()) / 2.
                        f = torch.logsumexp(beta, [0]).sum() - 1000. * torch.logsumexp(alpha, [0]) + prior
                        """, gaussians(n, k, d), wrt))
                .peer(CPP, LEAST_OF_CPP, () -> {
                    Map<String, Tensor> in = gaussians(n, k, d);
                    return Cpp.function("gmm", new int[]{n, k, d},
                            List.of(in.get("alpha"), in.get("mu"), in.get("q"), in.get("l"), in.get("x")), 1 + k + 2 * k * d + k * e);
                }).tolerance(1e-8).build();
    }

    /** Parameters and points; {@code at} says where the strict lower triangle by columns stands in a matrix, and the rest is nothing. */
    private static Map<String, Tensor> gaussians(int n, int k, int d) {
        int e = d * (d - 1) / 2;
        Map<String, Tensor> values = Data.normal(0.3, "alpha", k, "mu", k, d, "q", k, d, "l", k, e, "x", n, d);
        double[] at = new double[d * d];
        Arrays.fill(at, e);
        int next = 0;
        for (int column = 0; column < d; column++) {
            for (int row = column + 1; row < d; row++) {
                at[row * d + column] = next++;
            }
        }
        double[] identity = new double[d * d];
        IntStream.range(0, d).forEach(i -> identity[i * d + i] = 1);
        return Data.with(values, Map.of("none", Tensor.zeros(Shape.of(k, 1)), "at", Tensor.vector(at),
                "I", Tensor.of(Shape.of(d, d), identity)));
    }

    private static Comparison recurrence() {
        int layers = 4;
        int steps = 4095;
        return Comparison.of("q", "lstm: 4 layers, 4,096 characters of 8 bits, gradients",
                () -> Chainrule.gradient(lstm(layers, steps, "total = 0", "", "f"), text(layers, steps + 1), "main", "extra"))
                .peer(TORCH, LEAST_OF_TORCH, () -> Torch.gradient(
                        lstm(layers, steps, "total = torch.zeros([], dtype=7)", "torch.", "f"), text(layers, steps + 1), "main", "extra"))
                .build();
    }

    private static Map<String, Tensor> text(int layers, int characters) {
        Map<String, Tensor> values = uniform("main", 2 * layers, 32, "extra", 3, 8, "state", 2 * layers, 8, "text", characters, 8);
        double[] bits = values.get("text").data();
        Arrays.setAll(bits, i -> Math.rint(bits[i]));
        return values;
    }

    /** The program, in our notation or with {@code prefix} in TorchScript, which are alike where it counts. */
    private static String lstm(int layers, int steps, String zero, String prefix, String output) {
        StringBuilder program = new StringBuilder(zero + "\n");
        for (int i = 0; i < layers; i++) {
            program.append("h%1$d = state[%2$d]\nc%1$d = state[%3$d]\n".formatted(i, 2 * i, 2 * i + 1));
            String[] gates = {"f", "i", "o", "g"};
            for (int gate = 0; gate < gates.length; gate++) {
                program.append("w%1$s%2$d = main[%3$d, %5$d:%6$d]\nb%1$s%2$d = main[%4$d, %5$d:%6$d]\n".formatted(gates[gate], i, 2 * i,
                        2 * i + 1, 8 * gate, 8 * gate + 8));
            }
        }
        program.append("e0 = extra[0]\ne1 = extra[1]\ne2 = extra[2]\n");
        program.append("for t in range(%d):\n  v = text[t] * e0\n".formatted(steps));
        for (int i = 0; i < layers; i++) {
            program.append(
                    """
                              c%1$d = c%1$d * %2$ssigmoid(v * wf%1$d + bf%1$d) + \
                            %2$ssigmoid(h%1$d * wi%1$d + bi%1$d) * %2$stanh(h%1$d * wg%1$d + bg%1$d)
                              h%1$d = %2$ssigmoid(v * wo%1$d + bo%1$d) * %2$stanh(c%1$d)
                              v = h%1$d
                            """
                            .formatted(i, prefix));
        }
        program.append("""
                  y = v * e1 + e2
                  total = total + %1$ssum(text[t + 1] * (y - %1$slog(%1$ssum(%1$sexp(y)) + 2)))
                %2$s = -total / %3$d
                """.formatted(prefix, output, 8 * steps));
        return program.toString();
    }

    /** Expansion by minors, where minors of the same columns are computed once: all minors of a size are one array. */
    private static Comparison minors() {
        int n = 11;
        return Comparison.of("q", "det: 11 × 11 by minors, gradient", () -> Chainrule.gradient(minors(n, """
                v = sum(take(A[%1$d], columns%1$d, axis=0) * take(v, minors%1$d, axis=0) * signs%1$d, axis=1)
                """), minorInputs(n), "A"))
                .peer(TORCH, LEAST_OF_TORCH, () -> Torch.gradient(minors(n, """
                        v = (A[%1$d][torch.to(columns%1$d, 4)] * v[torch.to(minors%1$d, 4)] * signs%1$d).sum([1])
                        """).replaceAll("v\\[0]\n$", "f = v[0]\n"), minorInputs(n), "A")).build();
    }

    private static String minors(int n, String step) {
        StringBuilder program = new StringBuilder("v = one\n");
        for (int row = n - 1; row >= 0; row--) {
            program.append(step.formatted(row));
        }
        return program + "v[0]\n";
    }

    /** For each row the columns of all sets of its minors, the places of the minors below without one column, and the signs. */
    private static Map<String, Tensor> minorInputs(int n) {
        Map<String, Tensor> inputs = Data.normal(1, "A", n, n);
        inputs.put("one", Tensor.vector(1));
        List<Integer> below = List.of(0);
        for (int size = 1; size <= n; size++) {
            int width = size;
            List<Integer> sets = IntStream.range(0, 1 << n).filter(set -> Integer.bitCount(set) == width).boxed().toList();
            List<double[]> columns = new ArrayList<>();
            List<double[]> places = new ArrayList<>();
            List<double[]> signs = new ArrayList<>();
            for (int set : sets) {
                int[] members = IntStream.range(0, n).filter(column -> (set >> column & 1) == 1).toArray();
                List<Integer> last = below;
                columns.add(Arrays.stream(members).asDoubleStream().toArray());
                places.add(Arrays.stream(members).mapToDouble(column -> last.indexOf(set & ~(1 << column))).toArray());
                signs.add(IntStream.range(0, width).mapToDouble(i -> i % 2 == 0 ? 1 : -1).toArray());
            }
            String row = String.valueOf(n - size);
            inputs.put("columns" + row, Tensor.matrix(columns.toArray(double[][]::new)));
            inputs.put("minors" + row, Tensor.matrix(places.toArray(double[][]::new)));
            inputs.put("signs" + row, Tensor.matrix(signs.toArray(double[][]::new)));
            below = sets;
        }
        return inputs;
    }
}
