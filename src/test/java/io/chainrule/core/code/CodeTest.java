package io.chainrule.core.code;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Code in other languages computes our own values and gradients, or the op is refused by name. */
class CodeTest {
    /** Programs as people write them, with shapes of their inputs. */
    private static final List<String> PROGRAMS = List.of(
            "x * log(x) | x:", "sum((W @ x - b)^2) | W:2,3 x:3 b:2", "mean(sigmoid(W @ x)) | W:2,3 x:3",
            "h = tanh(W @ x + b)\nf = sum(h^2) / (1 + sum(x^2)) | W:2,3 x:3 b:2", "cross_entropy(z, 1) | z:4",
            "-sum(y * log(softmax(z))) | z:4 y:4", "x @ A @ x | A:3,3 x:3", "(1 - a)^2 + 100 * (b - a^2)^2 | a: b:",
            "norm(x) * exp(-dot(x, c)) | x:3 c:3", "maximum(x, 0.5) * relu(x - 0.3) | x:", "sum(relu(X @ W)) | X:4,3 W:3,2",
            "var(x) + std(x) | x:5", "sum(x[1:3] * x[0:2]) | x:4", "sum(A.T @ A) | A:2,3", "logsumexp(W @ x) | W:3,2 x:2",
            "q = x * y\nsin(q) * q + q^3 | x: y:", "lambda + def * class | lambda: def: class:", "sum(θ^2) | θ:3", "x^y + y^x | x: y:",
            "where(x > y, x * y, x / y) | x: y:", "sum(outer(a, b) * C) | a:2 b:3 C:2,3", "gelu(x) + silu(x) + softplus(x) | x:",
            "mse_loss(X @ w, y) | X:4,2 w:2 y:4", "sum(layer_norm(x, g, b)^3) | x:2,4 g:4 b:4", "prod(x) | x:4", "max(x) - min(x) | x:5",
            "binary_cross_entropy_with_logits(z, y) | z:3 y:3", "sum(concatenate(x, y)^2) | x:2 y:3", "trace(A @ B) | A:2,2 B:2,2",
            "sum(cumsum(x) * x) | x:4", "y + 0 * x | x: y:", "3 * x | x:", "sum(abs(x - median(x))) | x:5",
            "1 / (1 + exp(-(w * x + b))) | w: x: b:", "atan2(y, x) + hypot(x, y) | x: y:", "erf(x) * lgamma(y) | x: y:",
            // Where signs, conditions and factors of 1 meet.
            "sum(where(x > 0.5 and x < 0.9, -(-x), 2 - -x)) | x:5", "sum(exp(-(-x)) - (x - (x - 1)) / (x / x)) | x:3",
            "softplus(-x) + relu(-(-x)) * -2 | x:", "sum(where(x > 0.5, 1, 0) * x) | x:4", "dot(x, c) | x:3 c:3", "sum(x) | x:1,4,1",
            "sum(stack(x, x) * 2) + x | x:", "sum(broadcast_to(x, shape=[2, 3])^2) + y[0] | x:1,3 y:2",
            // Large arrays, which have no place on a stack, and long programs, which have none in one method of Java.
            "sum(tanh(W @ x)^2) + sum(W.T) | W:330,330 x:330", "sum(concatenate(x, y)[5:14000:3]^2) + 0 * sum(z) | x:9000 y:9000 z:9000",
            "h = x\nfor i in range(100):\n  h = tanh(W @ h + b)\nf = sum(h^2) | W:4,4 x:4 b:4",
            "y = x\nfor i in range(1500):\n  y = sin(y) + a * y / 2\nf = y | x: a:");

    /** Programs whose output is an array, which C cannot return. The output is also an input, a gradient or a constant. */
    private static final List<String> ARRAYS = List.of("w * 2 | w:3", "W @ x + b | W:2,3 x:3 b:2", "tanh(x) * y | x:2,2 y:", "x | x:3",
            "exp(x) * [1, 2] | x:", "[1, 2, 3] + 0 * sum(x) | x:2", "x * [1, 2, 3] | x:", "value * [1, 2] + d_value | value: d_value:2",
            "h = x\nfor i in range(100):\n  h = tanh(W @ h + b)\nf = h * 2 | W:2,2 x:2 b:2");

    /** Ops that only the other formats show. */
    private static final String REFUSED_BY_NUMPY = "cofactor_derivative convolution digamma erfinv expm max_pool2d max_pool2d_indices polygamma sinc_derivative";
    private static final String REFUSED_BY_LOOPS = "argsort cholesky cofactor cofactor_derivative convolution det digamma eigh_vectors eigvalsh erfinv expm "
            + "inv logdet max_pool2d max_pool2d_indices pinv polygamma qr_q qr_r sinc_derivative slogdet solve svd_u svd_vh svdvals "
            + "triangular_solve";

    private static final Pattern HELPER = Pattern.compile("(?m)^static [^;={]*?(\\w+)(?=\\(|\\[)");
    private static final int A_FILE = 25;

    @TempDir
    Path folder;

    private record Written(CodeCase one, String code) {}

    private static Stream<CodeCase> cases(Language language) {
        return Stream.of(written(PROGRAMS), CodeCase.hostile(), CodeCase.ops(), written(language == Language.C ? List.of() : ARRAYS))
                .flatMap(each -> each);
    }

    private static Stream<CodeCase> written(List<String> programs) {
        return programs.stream().map(line -> {
            int bar = line.indexOf(" | ");
            SequencedMap<String, Shape> shapes = new LinkedHashMap<>(Derivatives.shapes(line.substring(bar + 3)));
            return CodeCase.of(line.substring(0, bar), shapes);
        });
    }

    /** Writes all cases, and checks which ops are refused. */
    private static List<Written> written(Language language, String refused) {
        List<Written> all = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        Set<String> found = new TreeSet<>();
        cases(language).forEach(one -> {
            try {
                all.add(new Written(one, one.program().in(language, Checkpoint.NONE)));
                Graph graph = one.program().graph();
                IntStream.range(0, graph.size()).forEach(node -> found.add(graph.op(node).name()));
            } catch (NoCodeException e) {
                e.refusals().forEach(refusal -> {
                    if (refusal.op() == null) {
                        assertThat(refusal.reason()).as(one.name()).contains("code is for arrays with elements");
                    } else {
                        names.add(refusal.op());
                    }
                });
            }
        });
        names.removeAll(found);
        assertThat(String.join(" ", names)).isEqualTo(refused);
        return all;
    }

    private static void verify(List<Written> programs, List<String> lines) {
        assertThat(lines).hasSize(programs.size());
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            CodeCase one = programs.get(i).one;
            double[] expected = one.expected().stream().flatMapToDouble(Arrays::stream).toArray();
            double scale = 1 + DoubleStream.of(expected).map(Math::abs).max().orElse(0);
            try {
                double[] actual = Pattern.compile(" ").splitAsStream(lines.get(i).strip()).mapToDouble(CodeTest::number).toArray();
                boolean isSame = actual.length == expected.length;
                for (int k = 0; isSame && k < actual.length; k++) {
                    isSame = Double.isNaN(actual[k]) && Double.isNaN(expected[k]) || Math.abs(actual[k] - expected[k]) <= 1e-9 * scale;
                }
                if (!isSame) {
                    wrong.add(one + ": " + lines.get(i) + " instead of " + Arrays.toString(expected) + "\n" + programs.get(i).code);
                }
            } catch (NumberFormatException e) {
                wrong.add(one + ": " + lines.get(i) + "\n" + programs.get(i).code);
            }
        }
        assertThat(wrong.size()).as(String.join("\n", wrong.stream().limit(12).toList())).isZero();
    }

    private static double number(String text) {
        return switch (text) {
            case "nan", "-nan", "NaN" -> Double.NaN;
            case "inf", "Infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private List<String> run(String input, String... command) throws IOException, InterruptedException {
        Path in = Files.writeString(folder.resolve("in.json"), input);
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(out.toFile())
                .redirectError(folder.resolve("err.txt").toFile()).start();
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(folder.resolve("err.txt"))).isZero();
        return Files.readAllLines(out);
    }

    private static boolean has(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                    .waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String json(List<Written> programs) {
        return programs.stream().map(program -> "[" + quoted(program.code) + ", ["
                + program.one.inputs().values().stream()
                        .map(value -> "[" + value.shape().toList() + ", " + Arrays.toString(value.data()) + "]")
                        .collect(Collectors.joining(", "))
                + "]]").collect(Collectors.joining(",\n", "[", "]"));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    @Test
    void inPython() throws Exception {
        assumeTrue(has("python3", "-c", "import numpy"), "needs python3 with NumPy");
        List<Written> programs = written(Language.NUMPY, REFUSED_BY_NUMPY);
        verify(programs, run(json(programs), "python3", "-c",
                """
                        import json, sys
                        import numpy as np
                        for code, inputs in json.load(sys.stdin):
                            names = {}
                            try:
                                exec(code, names)
                                value, gradients = names["value_and_gradient"](*[np.array(d).reshape(s) for s, d in inputs])
                                assert all(np.shape(g) == np.shape(value) + tuple(s) for g, (s, _) in zip(gradients.values(), inputs)), "shapes of gradients"
                                print(*(repr(float(x)) for part in [value, *gradients.values()] for x in np.ravel(part)))
                            except Exception as e:
                                print(repr(e).replace("\\n", " "))
                        """));
    }

    @Test
    void inJavaScript() throws Exception {
        assumeTrue(has("node", "--version"), "needs node");
        List<Written> programs = written(Language.JAVASCRIPT, REFUSED_BY_LOOPS);
        verify(programs, run(json(programs), "node", "-e",
                """
                        for (const [code, inputs] of JSON.parse(require('fs').readFileSync(0))) {
                          try {
                            const f = new Function(code + '; return valueAndGradient;')();
                            const {value, gradients} = f(...inputs.map(([s, d]) => s.length ? Float64Array.from(d) : d[0]));
                            console.log([value, ...Object.values(gradients)].map(x => typeof x === 'number' ? String(x) : Array.from(x).join(' ')).join(' '));
                          } catch (e) { console.log(String(e)); }
                        }
                        """));
    }

    @Test
    void inC() throws Exception {
        assumeTrue(has("cc", "--version"), "needs a C compiler");
        List<Written> programs = written(Language.C, REFUSED_BY_LOOPS);
        StringBuilder declared = new StringBuilder("#include <stdio.h>\n");
        StringBuilder main = new StringBuilder("int main(void) {\n");
        for (int i = 0; i < programs.size(); i++) {
            CodeCase one = programs.get(i).one;
            // A compiler for each of a thousand files takes most of a minute: those of single ops are compiled together.
            String file = i < PROGRAMS.size() ? "p" + i : "ops" + i / A_FILE;
            Files.writeString(folder.resolve(file + ".c"), withItsOwnNames(programs.get(i).code, i), CREATE, APPEND);
            List<String> types = new ArrayList<>();
            List<String> arguments = new ArrayList<>();
            for (Tensor value : one.inputs().values()) {
                boolean isArray = !value.shape().isScalar();
                types.add(isArray ? "const double *" : "double");
                String numbers = Arrays.toString(value.data()).replace("[", "").replace("]", "").replace("NaN", "0.0/0.0");
                arguments.add(isArray ? "(double[]) {" + numbers + "}" : numbers);
            }
            main.append("{ double g[" + one.expected().stream().mapToInt(part -> part.length).sum() + "]; ");
            int at = 0;
            for (double[] part : one.expected().subList(1, one.expected().size())) {
                types.add("double *");
                arguments.add("g + " + at);
                at += part.length;
            }
            declared.append("double f" + i + "(" + String.join(", ", types) + ");\n");
            main.append("printf(\"%.17g\", f" + i + "(" + String.join(", ", arguments) + ")); for (int i = 0; i < " + at
                    + "; i++) printf(\" %.17g\", g[i]); puts(\"\"); }\n");
        }
        Files.writeString(folder.resolve("main.c"), declared + "" + main + "return 0; }\n");
        run("", "sh", "-c", "cd " + folder + " && cc -O0 -std=c99 -w -c main.c"
                + " && ls p*.c ops*.c | xargs -n 4 -P " + Runtime.getRuntime().availableProcessors()
                + " cc -O0 -std=c99 -pedantic -Wall -Wextra -Werror -c && cc -o all *.o -lm");
        verify(programs, run("", folder.resolve("all").toString()));
    }

    /** The function and its helpers, under names that no other program has. */
    private static String withItsOwnNames(String code, int program) {
        String named = code.replace("value_and_gradient(", "f" + program + "(");
        for (String helper : HELPER.matcher(code).results().map(found -> found.group(1)).distinct().toList()) {
            named = named.replaceAll("\\b" + helper + "\\b", helper + "_" + program);
        }
        return named + "\n";
    }

    @Test
    void aNameOfAMacroIsNotGivenInC() throws Exception {
        assumeTrue(has("cc", "--version"), "needs a C compiler");
        Files.writeString(folder.resolve("h.c"), "#include <math.h>\n#include <stdlib.h>\n");
        for (String standard : List.of("c99", "gnu17")) {
            List<String> macros = run("", "cc", "-std=" + standard, "-dM", "-E", folder.resolve("h.c").toString()).stream()
                    .map(line -> line.split(" ", 3)[1]).filter(name -> name.matches("[A-Za-z]\\w*")).toList();
            assertThat(macros).contains("NAN", "HUGE_VAL");
            assertThat(macros).allSatisfy(name -> assertThat(new Names(ReservedWords::inC).of(name)).isNotEqualTo(name));
        }
    }

    @Test
    void inJava() throws Exception {
        List<Written> programs = written(Language.JAVA, REFUSED_BY_LOOPS);
        List<JavaFileObject> sources = new ArrayList<>();
        for (int i = 0; i < programs.size(); i++) {
            String code = programs.get(i).code.replaceAll("\\bGradient\\b", "Gradient" + i);
            sources.add(new SimpleJavaFileObject(URI.create("string:///Gradient" + i + ".java"), JavaFileObject.Kind.SOURCE) {
                @Override
                public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                    return code;
                }
            });
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        java.io.StringWriter log = new java.io.StringWriter();
        assertThat(compiler.getTask(log, null, null, List.of("-d", folder.toString(), "-proc:none"), null, sources).call())
                .as(log.toString())
                .isTrue();
        List<String> lines = new ArrayList<>();
        try (URLClassLoader loader = new URLClassLoader(new URL[]{folder.toUri().toURL()})) {
            for (int i = 0; i < programs.size(); i++) {
                Class<?> type = loader.loadClass("Gradient" + i);
                Object[] arguments = programs.get(i).one.inputs().values().stream()
                        .map(value -> value.shape().isScalar() ? (Object) value.item() : value.data().clone()).toArray();
                Object result = Arrays.stream(type.getMethods()).filter(method -> method.getName().equals("valueAndGradient")).findFirst()
                        .orElseThrow().invoke(null, arguments);
                List<String> numbers = new ArrayList<>();
                for (var component : result.getClass().getRecordComponents()) {
                    Object part = component.getAccessor().invoke(result);
                    DoubleStream values = part instanceof double[] array ? DoubleStream.of(array) : DoubleStream.of((double) part);
                    values.mapToObj(String::valueOf).forEach(numbers::add);
                }
                lines.add(String.join(" ", numbers));
            }
        }
        verify(programs, lines);
    }

    /** Many nodes take seconds, in which a deadline may pass. */
    @ParameterizedTest
    @EnumSource
    void asksAtEachNodeWhetherToGoOn(Language language) {
        int size = 1_000;
        GraphFunction chain = GraphFunction.of(x -> {
            Node y = x[0];
            for (int i = 0; i < size; i++) {
                y = GraphFunction.call("sin", y);
            }
            return y;
        }, Shape.SCALAR);
        CodeProgram program = new CodeProgram(chain.graph(), "f", List.of(chain.inputs()[0]), chain.outputs()[0], Map.of(), Map.of());
        int[] asked = {0};
        program.in(language, () -> asked[0]++);
        assertThat(asked[0]).isBetween(size, 3 * size);
    }
}
