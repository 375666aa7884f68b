package io.chainrule.core;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random programs as text: fan-out, broadcasting, indexing, gates of all kinds, on numbers, vectors and matrices. */
public final class RandomText {
    private static final String[] UNARY = {"sin($)", "tanh($)", "sigmoid($)", "silu($)", "gelu($)", "softplus($)", "relu($)", "exp($ / 4)",
            "($)^2", "1 / (2 + cos($))", "sqrt(1 + square($))", "abs($)", "log1p(square($))", "mish($)", "-$"};
    private static final String[] BINARY = {"$ + @", "$ - @", "$ * @", "$ / (2 + square(@))", "maximum($, @)", "minimum($, @)",
            "where($ > @, $, @)", "$ * $ + @", "$ * @ + @"};

    private final Random random;
    private final Map<Integer, List<String>> names = new LinkedHashMap<>(Map.of(0, new ArrayList<>(List.of("s", "t")), 1,
            new ArrayList<>(List.of("u", "v")), 2, new ArrayList<>(List.of("W", "M"))));
    private final StringBuilder text = new StringBuilder();
    private int count;

    private RandomText(long seed) {
        random = new Random(seed);
    }

    /** A program over numbers s and t, vectors u and v of length 3 and 3 × 3 matrices W and M. */
    public static String program(long seed) {
        RandomText program = new RandomText(seed);
        int statements = 4 + program.random.nextInt(14);
        for (int i = 0; i < statements; i++) {
            program.statement();
        }
        List<String> all = program.names.values().stream().flatMap(List::stream).toList();
        program.text.append("f = ").append(String.join(" + ", all.stream().map(name -> "sum(" + name + ")").toList()));
        return program.text.toString();
    }

    /** Values of its inputs. */
    public static Map<String, Tensor> inputs(long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Map.of("s", Shape.SCALAR, "t", Shape.SCALAR, "u", Shape.of(3), "v", Shape.of(3), "W", Shape.of(3, 3), "M", Shape.of(3, 3))
                .forEach((name, shape) -> {
                    Tensor value = Tensor.zeros(shape);
                    Arrays.setAll(value.data(), _ -> random.nextDouble(-2, 2));
                    inputs.put(name, value);
                });
        return inputs;
    }

    private void statement() {
        int rank = random.nextInt(3);
        String x = name(rank);
        String body = switch (random.nextInt(8)) {
            case 0, 1 -> filled(UNARY[random.nextInt(UNARY.length)], x, x);
            case 2, 3, 4 -> filled(BINARY[random.nextInt(BINARY.length)], x, name(random.nextInt(rank + 1)));
            case 5 -> switch (rank) {
                case 0 -> name(1) + "[" + random.nextInt(3) + "] + " + name(1) + "[0]";
                case 1 -> name(2) + "[" + random.nextInt(3) + "]";
                default -> name(2) + ".T";
            };
            case 6 -> switch (rank) {
                case 0 -> "dot(" + name(1) + ", " + name(1) + ")";
                case 1 -> name(2) + " @ " + name(1);
                default -> name(2) + " @ " + name(2);
            };
            default -> switch (rank) {
                case 0 -> "mse_loss(" + name(1) + ", " + name(1) + ")";
                case 1 -> "softmax(" + x + ")";
                default -> "outer(" + name(1) + ", " + name(1) + ")";
            };
        };
        String id = "n" + ++count;
        text.append(id).append(" = ").append(body).append('\n');
        names.computeIfAbsent(rank, _ -> new ArrayList<>()).add(id);
    }

    private static String filled(String form, String x, String y) {
        return form.replace("$", x).replace("@", y);
    }

    private String name(int rank) {
        List<String> of = names.getOrDefault(rank, List.of());
        return of.get(random.nextInt(of.size()));
    }
}
