package io.chainrule.core.autodiff;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ops in any combination: fan-out, broadcasting, views of views, scalars among arrays. */
public class RandomProgramsTest {
    private static final Shape[] INPUTS = {Shape.of(2, 3), Shape.of(3), Shape.of(2, 1), Shape.SCALAR};

    public static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    /** A bounded, smooth program of a few dozen nodes; every node counts in its result. */
    public static GraphFunction program(long seed) {
        Random random = new Random(seed);
        return GraphFunction.of(x -> {
            List<Node> nodes = new ArrayList<>(List.of(x));
            for (int i = 0; i < 30; i++) {
                nodes.add(call("tanh", randomNode(random, nodes)));
            }
            GraphBuilder graph = x[0].graph();
            return nodes.stream().map(node -> call("mean", call("mul", node, graph.literal(random.nextDouble()))))
                    .reduce((a, b) -> call("add", a, b))
                    .orElseThrow();
        }, INPUTS);
    }

    private static Node randomNode(Random random, List<Node> nodes) {
        Node a = nodes.get(random.nextInt(nodes.size()));
        Node b = nodes.get(random.nextInt(nodes.size()));
        boolean fit = a.shape().broadcastsTo(b.shape()) || b.shape().broadcastsTo(a.shape());
        int last = a.shape().rank() - 1;
        return switch (random.nextInt(16)) {
            case 0 -> call("sin", a);
            case 1 -> fit ? call("add", a, b) : call("exp", a);
            case 2, 3 -> fit ? call("mul", a, b) : call("square", a);
            case 4 -> fit ? call("sub", b, a) : call("neg", a);
            case 5 -> fit ? call("where", call("gt", a, a.graph().literal(0.1)), b, call("cos", a)) : call("sigmoid", a);
            case 6 -> last >= 0 ? call("sum", Map.of("axis", random.nextInt(-1, last + 1), "keepdims", random.nextBoolean()), a) : a;
            case 7 -> last >= 0 ? call("max", Map.of("axis", last), a) : a;
            case 8 -> last >= 0 ? call("softmax", Map.of("axis", last), a) : a;
            case 9 -> last >= 0 ? call("logsumexp", Map.of("axis", 0), a) : a;
            case 10 ->
                last >= 0 && a.shape().last() > 0 ? call("index", Map.of("at", List.of("...", random.nextInt(a.shape().last()))), a) : a;
            case 11 -> last >= 0 ? call("index", Map.of("at", List.of("::-1")), a) : a;
            case 12 -> call("stack", Map.of("axis", -1), a, a);
            case 13 ->
                a.shape().rank() <= 3 ? call("broadcast_to", Map.of("shape", Shape.of(2).concat(a.shape()).toList()), a) : call("prod", a);
            case 14 -> call("transpose", a);
            default -> last >= 0 && b.shape().rank() >= 1 && a.shape().last() == b.shape().dim(Math.max(0, b.shape().rank() - 2))
                    && a.shape().rank() <= 2
                            ? call("matmul", a, b)
                            : call("reshape", Map.of("shape", List.of(-1)), a);
        };
    }

    private static List<Tensor> random(List<Shape> shapes, long seed) {
        Random random = new Random(seed);
        return shapes.stream().map(shape -> {
            Tensor tensor = Tensor.zeros(shape);
            Arrays.setAll(tensor.data(), i -> random.nextDouble(-1, 1));
            return tensor;
        }).toList();
    }

    private static List<Tensor> concat(List<Tensor> a, List<Tensor> b) {
        return Stream.concat(a.stream(), b.stream()).toList();
    }

    private static double product(List<Tensor> a, List<Tensor> b) {
        double sum = 0;
        for (int k = 0; k < a.size(); k++) {
            for (int i = 0; i < a.get(k).length(); i++) {
                sum += a.get(k).data()[i] * b.get(k).data()[i];
            }
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void both_modes_agree_to_second_order(long seed) {
        GraphFunction f = program(seed);
        List<Tensor> x = random(f.inputShapes(), seed);
        List<Tensor> u = random(f.inputShapes(), seed + 1);
        List<Tensor> v = random(f.inputShapes(), seed + 2);
        List<Tensor> one = List.of(Tensor.scalar(1));
        GraphFunction gradient = f.vjp();
        GraphFunction slope = f.jvp();
        double along = slope.run(concat(x, u)).getFirst().item();
        assertThat(product(gradient.run(concat(x, one)), u)).isCloseTo(along, within(1e-12 * (1 + Math.abs(along))));

        int[] inputs = {0, 1, 2, 3};
        double curvature = slope.jvp(inputs).run(concat(concat(x, u), v)).getFirst().item();
        List<Tensor> forwardOverReverse = gradient.jvp(inputs).run(concat(concat(x, one), v));
        List<Tensor> reverseOverReverse = gradient.vjp(inputs).run(concat(concat(x, one), v));
        List<Tensor> reverseOverForward = slope.vjp(inputs).run(concat(concat(x, u), one));
        assertThat(product(forwardOverReverse, u)).isCloseTo(curvature, within(1e-11 * (1 + Math.abs(curvature))));
        assertThat(product(reverseOverReverse, u)).isCloseTo(curvature, within(1e-11 * (1 + Math.abs(curvature))));
        assertThat(product(reverseOverForward, v)).isCloseTo(curvature, within(1e-11 * (1 + Math.abs(curvature))));
    }
}
