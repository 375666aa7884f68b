package io.chainrule.core.grade;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Forward passes with right backward passes, each of whose lines is written in several ways. */
final class Solutions {
    private static final Pattern CLAIM = Pattern.compile("\\{(\\w+)}");

    private Solutions() {}

    /** A line: the node that it claims, and ways to write it; {@code {q}} stands for the line that claims q. */
    record Step(String node, List<String> ways) {}

    /**
     * {@code inputs} are the shapes of the inputs: "2x3", "" for a scalar, with "+" in front positive ones, "one-hot", "class" or "edge"
     * behind; at an edge some are 0.
     */
    record Solution(String name, String forward, Map<String, String> inputs, List<Step> steps) {
        /** The names of the lines in a style: dx, grad_x, x_grad, df_dx, dfdx. */
        String claim(String node, int style) {
            String output = forward.lines().reduce((_, last) -> last).orElseThrow().split(" ", 2)[0];
            return switch (style) {
                case 1 -> "grad_" + node;
                case 2 -> node + "_grad";
                case 3 -> "d" + output + "_d" + node;
                case 4 -> output.length() == 1 ? "d" + output + "d" + node : "d" + node;
                default -> "d" + node;
            };
        }

        String text(String way, int style) {
            return CLAIM.matcher(way).replaceAll(match -> Matcher.quoteReplacement(claim(match.group(1), style)));
        }

        Map<String, Tensor> values(Random random) {
            Map<String, Tensor> values = new LinkedHashMap<>();
            inputs.forEach((name, kind) -> values.put(name, value(kind, random)));
            return values;
        }
    }

    private static Tensor value(String kind, Random random) {
        boolean isPositive = kind.startsWith("+");
        String[] words = kind.replace("+", "").split(" ", -1);
        int[] dims = words[0].isEmpty() ? new int[0] : Pattern.compile("x").splitAsStream(words[0]).mapToInt(Integer::parseInt).toArray();
        Shape shape = Shape.of(dims);
        double[] data = IntStream.range(0, shape.length()).mapToDouble(_ -> Math.round(100 * random.nextGaussian()) / 100.0)
                .map(x -> x == 0 ? 0.25 : isPositive ? Math.abs(x) + 0.1 : x).toArray();
        if (words.length > 1) {
            if (words[1].equals("edge")) {
                Arrays.setAll(data, i -> i % 3 == 1 || data.length == 1 ? 0 : Math.abs(data[i]) + 0.1);
                return Tensor.of(shape, data);
            }
            int classes = words[1].equals("class") ? 3 : dims[1];
            for (int i = 0; i < data.length; i++) {
                data[i] = words[1].equals("class") ? random.nextInt(classes) : 0;
            }
            for (int row = 0; words[1].equals("one-hot") && row < dims[0]; row++) {
                data[row * dims[1] + random.nextInt(dims[1])] = 1;
            }
        }
        return Tensor.of(shape, data);
    }

    private static Step step(String node, String... ways) {
        return new Step(node, List.of(ways));
    }

    private static Map<String, String> inputs(String... kinds) {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < kinds.length; i += 2) {
            all.put(kinds[i], kinds[i + 1]);
        }
        return all;
    }

    static List<Solution> all() {
        List<Solution> all = new ArrayList<>();
        all.add(new Solution("product of a sum", "q = x + y\nf = q * z", inputs("x", "", "y", "", "z", ""),
                List.of(step("q", "z", "1 * z", "f / q"), step("z", "q", "(x + y)", "x + y"), step("x", "{q} * 1", "{q}", "1.0 * {q}", "z"),
                        step("y", "{q} * 1", "{q}", "{x}"))));
        all.add(new Solution("sigmoid neuron", "u = w0*x0 + w1*x1 + w2\nf = 1 / (1 + exp(-u))",
                inputs("w0", "", "x0", "", "w1", "", "x1", "", "w2", ""),
                List.of(step("u", "(1 - f) * f", "f * (1 - f)", "f - f^2", "exp(-u) / (1 + exp(-u))^2", "sigmoid(u) * sigmoid(-u)"),
                        step("w0", "{u} * x0", "x0 * {u}"), step("x0", "{u} * w0", "w0 * f * (1 - f)"), step("w1", "x1 * {u}"),
                        step("x1", "w1 * {u}"), step("w2", "{u}", "1 * {u}"))));
        all.add(new Solution("gates one by one", "a = -x\nb = exp(a)\nc = 1 + b\nf = 1 / c", inputs("x", ""),
                List.of(step("c", "-1 / c^2", "-1 * f * f", "-(f^2)", "-c^-2"), step("b", "{c} * 1", "{c}"),
                        step("a", "{b} * b", "exp(a) * {b}", "{b} * exp(-x)"), step("x", "{a} * -1", "-{a}", "(1 - f) * f"))));
        all.add(new Solution("staged",
                "sigy = 1.0 / (1 + exp(-y))\nnum = x + sigy\nsigx = sigmoid(x)\nxpy = x + y\nxpysqr = xpy**2\nden = sigx + xpysqr\n"
                        + "invden = 1.0 / den\nf = num * invden",
                inputs("x", "", "y", ""),
                List.of(step("num", "invden", "1 / den"), step("invden", "num"),
                        step("den", "(-1.0 / (den**2)) * {invden}", "-{invden} * invden^2"),
                        step("sigx", "1 * {den}", "{den}"), step("xpysqr", "1 * {den}", "{den}"),
                        step("xpy", "(2 * xpy) * {xpysqr}", "{xpysqr} * xpy * 2"),
                        step("sigy", "{num}", "1 * {num}"),
                        step("x", "{xpy} += ((1 - sigx) * sigx) * {sigx} += {num}", "{num} + {xpy} + {sigx} * sigx * (1 - sigx)"),
                        step("y", "{xpy} += ((1 - sigy) * sigy) * {sigy}", "{sigy} * sigy * (1 - sigy) += {xpy}"))));
        all.add(new Solution("squared norm", "q = W @ x\nf = sum(q^2)", inputs("W", "2x3", "x", "3"),
                List.of(step("q", "2 * q", "q + q", "2 * (W @ x)"), step("W", "outer({q}, x)", "2 * outer(q, x)",
                        "reshape({q}, [2, 1]) @ reshape(x, [1, 3])", "reshape({q}, [2, 1]) * x"),
                        step("x", "W.T @ {q}", "{q} @ W", "2 * W.T @ q", "2 * (W.T @ W) @ x"))));
        all.add(new Solution("two layers over a batch",
                "h = x @ W1 + b1\na = relu(h)\ns = a @ W2 + b2\nloss = mean((s - t)^2)",
                inputs("x", "4x3", "W1", "3x5", "b1", "5", "W2", "5x2", "b2", "2", "t", "4x2"),
                List.of(step("s", "2 * (s - t) / 8", "(s - t) * 0.25", "(s - t) / 4"), step("W2", "a.T @ {s}", "({s}.T @ a).T"),
                        step("b2", "sum({s}, axis=0)", "ones(4) @ {s}"), step("a", "{s} @ W2.T", "(W2 @ {s}.T).T"),
                        step("h", "{a} * (h > 0)", "where(h > 0, {a}, 0)", "(a > 0) * {a}"),
                        step("W1", "x.T @ {h}", "einsum('ni,nj->ij', x, {h})"),
                        step("b1", "sum({h}, axis=0)", "{h}[0] + {h}[1] + {h}[2] + {h}[3]"),
                        step("x", "{h} @ W1.T", "matmul({h}, transpose(W1))"))));
        all.add(new Solution("softmax loss", "z = x @ W\np = softmax(z)\nloss = -sum(y * log(p)) / 4",
                inputs("x", "4x2", "W", "2x3", "y", "4x3 one-hot"),
                List.of(step("p", "-y / p / 4", "-(y / (4 * p))"),
                        step("z", "(p - y) / 4", "p * ({p} - sum({p} * p, axis=1, keepdims=true))", "0.25 * p - y / 4"),
                        step("W", "x.T @ {z}"), step("x", "{z} @ W.T"))));
        all.add(new Solution("class labels", "s = x @ W\nloss = cross_entropy(s, y)", inputs("x", "4x2", "W", "2x3", "y", "4 class"),
                List.of(step("s", "(softmax(s) - one_hot(y, 3)) / 4", "softmax(s) / 4 - one_hot(y, 3) * 0.25"), step("W", "x.T @ {s}"),
                        step("x", "{s} @ W.T"))));
        all.add(new Solution("larger of two", "m = maximum(x, y)\nf = m * z", inputs("x", "", "y", "", "z", ""),
                List.of(step("m", "z"), step("z", "m", "maximum(x, y)"),
                        step("x", "{m} * (x > y)", "where(x > y, {m}, 0)", "{m} * (x >= y)"),
                        step("y", "{m} * (y > x)", "{m} * (x < y)", "z * (y >= x)", "{m} - {x}"))));
        all.add(new Solution("largest of many", "m = max(x)\nf = m^2 + sum(x)", inputs("x", "5"),
                List.of(step("m", "2 * m", "m + m"), step("x", "{m} * (x == m) + 1", "where(x == m, {m}, 0) + 1", "(x >= m) * {m} += 1"))));
        all.add(new Solution("broadcasting", "y = x * g + b\nf = sum(y^2)", inputs("x", "3x4", "g", "4", "b", ""),
                List.of(step("y", "2 * y", "y * 2"), step("g", "sum({y} * x, axis=0)", "einsum('ij,ij->j', {y}, x)"),
                        step("b", "sum({y})", "sum(sum({y}, axis=0))", "2 * sum(y)"), step("x", "{y} * g", "g * {y}"))));
        all.add(new Solution("shared weight over time", "h1 = tanh(w * x1)\nh2 = tanh(w * x2 + u * h1)\nf = h2^2",
                inputs("w", "", "x1", "", "x2", "", "u", ""),
                List.of(step("h2", "2 * h2", "h2 + h2"), step("u", "{h2} * (1 - h2^2) * h1"),
                        step("h1", "{h2} * (1 - h2^2) * u", "u * (1 - h2 * h2) * {h2}"),
                        step("w", "{h2} * (1 - h2^2) * x2 += {h1} * (1 - h1^2) * x1",
                                "{h1} * x1 / cosh(w * x1)^2 + {h2} * x2 * (1 - h2^2)"))));
        all.add(new Solution("domains", "a = log(x)\nb = sqrt(y)\nc = a * b\nf = c + x / y", inputs("x", "+", "y", "+"),
                List.of(step("c", "1"), step("a", "b", "{c} * b", "sqrt(y)"), step("b", "{c} * a", "a"),
                        step("x", "{a} / x + 1 / y", "1 / y += {a} / x", "{a} * x^-1 + y^-1"),
                        step("y", "{b} / (2 * b) - x / y^2", "0.5 * {b} / sqrt(y) += -x / (y * y)"))));
        all.add(new Solution("two ways", "q = x * y\nr = q + x\nf = q * r", inputs("x", "", "y", ""),
                List.of(step("r", "q"), step("q", "r += {r} * 1", "r + {r}", "{r} + r"), step("x", "{q} * y += {r}", "{r} + y * {q}"),
                        step("y", "{q} * x", "x * {q}"))));
        all.add(new Solution("deviations", "mu = mean(x)\nc = x - mu\nv = mean(c^2)\nf = sum(g * c) / sqrt(v + 0.1)",
                inputs("x", "5", "g", "5"),
                List.of(step("v", "-0.5 * sum(g * c) * (v + 0.1)^-1.5", "-0.5 * f / (v + 0.1)"),
                        step("c", "g / sqrt(v + 0.1) + {v} * 2 * c / 5", "g / sqrt(v + 0.1) += 0.4 * c * {v}"),
                        step("g", "c / sqrt(v + 0.1)"), step("mu", "-sum({c})", "sum(-{c})"),
                        step("x", "{c} + {mu} / 5", "{c} - mean({c})"))));
        all.add(new Solution("logistic regression", "z = X @ w + b\np = sigmoid(z)\nloss = -mean(y * log(p) + (1 - y) * log(1 - p))",
                inputs("X", "4x3", "w", "3", "b", "", "y", "+4"),
                List.of(step("p", "-(y / p - (1 - y) / (1 - p)) / 4", "(p - y) / (p * (1 - p)) / 4"),
                        step("z", "(p - y) / 4", "{p} * p * (1 - p)"), step("w", "X.T @ {z}", "{z} @ X"), step("b", "sum({z})"),
                        step("X", "outer({z}, w)"))));
        all.add(new Solution("absolute values", "d = x - y\na = abs(d)\nf = sum(a) / 4 + sum(d^2)", inputs("x", "4", "y", "4"),
                List.of(step("a", "ones(4) / 4", "0.25"), step("d", "{a} * sign(d) + 2 * d", "where(d > 0, {a}, -{a}) + 2 * d"),
                        step("x", "{d}"), step("y", "-{d}", "-1 * {d}"))));
        more(all);
        return all;
    }

    /** Ops at the edges of their domains, layers written by hand, convolutions. */
    private static void more(List<Solution> all) {
        all.add(new Solution("roots", "a = sqrt(x)\nb = cbrt(y)\nf = sum(a * b)", inputs("x", "4 edge", "y", "4 edge"),
                List.of(step("a", "b", "cbrt(y)"), step("b", "a"), step("x", "{a} / (2 * a)", "0.5 * {a} * x^-0.5", "{a} * 0.5 / sqrt(x)"),
                        step("y", "{b} / (3 * b^2)", "{b} / 3 * abs(y)^(-2/3)"))));
        all.add(new Solution("powers", "a = x^-2\nb = log(y)\nf = sum(a * b) + sum(y^0.5)", inputs("x", "4", "y", "+4"),
                List.of(step("a", "b", "log(y)"), step("b", "a", "1 / x^2"), step("x", "-2 * x^-3 * {a}", "-2 * {a} / x^3"),
                        step("y", "{b} / y + 0.5 * y^-0.5", "{b} / y += 0.5 / sqrt(y)"))));
        all.add(new Solution("quotients", "q = x / y\nf = sum(q^2) + sum(1 / y)", inputs("x", "4 edge", "y", "4 edge"),
                List.of(step("q", "2 * q", "2 * x / y"), step("x", "{q} / y", "{q} * y^-1"),
                        step("y", "-{q} * x / y^2 - 1 / y^2", "-{q} * q / y += -1 / (y * y)"))));
        all.add(new Solution("square of a root", "s = sqrt(x)\nf = s^2 * z", inputs("x", " edge", "z", ""),
                List.of(step("s", "2 * s * z"), step("x", "z", "{s} / (2 * s)"), step("z", "s^2", "s * s"))));
        all.add(new Solution("layer normalisation",
                "mu = mean(x, axis=1, keepdims=true)\nc = x - mu\nv = mean(c^2, axis=1, keepdims=true)\nr = 1 / sqrt(v + 1e-5)\n"
                        + "n = c * r\ny = g * n + b\nf = sum(y^2)",
                inputs("x", "3x4", "g", "4", "b", "4"),
                List.of(step("y", "2 * y"), step("g", "sum({y} * n, axis=0)"), step("b", "sum({y}, axis=0)", "{y}.sum(0)"),
                        step("n", "{y} * g"), step("r", "sum({n} * c, axis=1, keepdims=true)"),
                        step("v", "-0.5 * {r} * r^3", "{r} * -0.5 * (v + 1e-5)^-1.5"),
                        step("c", "{n} * r + {v} * 2 * c / 4", "{n} * r += 0.5 * {v} * c"),
                        step("mu", "-sum({c}, axis=1, keepdims=true)"),
                        step("x", "{c} + {mu} / 4", "{c} - mean({c}, axis=1, keepdims=true)",
                                "r * ({n} - mean({n}, axis=1, keepdims=true) - n * mean({n} * n, axis=1, keepdims=true))"))));
        all.add(new Solution("attention", "s = q @ k.T / sqrt(2)\np = softmax(s)\no = p @ v\nf = sum(o^2)",
                inputs("q", "3x2", "k", "4x2", "v", "4x2"),
                List.of(step("o", "2 * o"), step("v", "p.T @ {o}", "einsum('ij,ik->jk', p, {o})"), step("p", "{o} @ v.T"),
                        step("s", "p * ({p} - sum(p * {p}, axis=1, keepdims=true))", "p * {p} - p * sum(p * {p}, -1, keepdims=true)"),
                        step("q", "{s} @ k / sqrt(2)", "({s} / sqrt(2)) @ k"),
                        step("k", "{s}.T @ q / sqrt(2)", "(q.T @ {s}).T / sqrt(2)"))));
        all.add(new Solution("convolution", "y = conv2d(x, w)\nf = sum(y^2)", inputs("x", "1x1x3x3", "w", "1x1x2x2"),
                List.of(step("y", "2 * y", "y + y"), step("x", "conv_transpose2d({y}, w)"), step("w", "conv2d(x, {y})"))));
        all.add(new Solution("pooling", "p = avg_pool2d(x, kernel_size=2)\nm = max_pool2d(x, kernel_size=2)\nf = sum(p * m)",
                inputs("x", "1x1x2x2"), List.of(step("p", "m"), step("m", "p"), step("x", "{p} / 4 + (x == m) * {m}",
                        "0.25 * {p} += where(x >= max(x), {m}, 0)"))));
    }
}
