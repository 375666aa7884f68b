package io.chainrule.core.graph;

import static io.chainrule.core.GraphFunction.op;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NamedGraphTest {
    private final GraphBuilder builder = GraphBuilder.withoutShapes(Allowance.nodes(100));
    private final int x = builder.add(new Leaf.Input("x", null), new int[0]);
    private final int w = builder.add(new Leaf.Input("w", Shape.of(2, 3)), new int[0]);

    private NamedGraph program(int output, @Nullable String... names) {
        @Nullable
        String[] all = new String[builder.size()];
        System.arraycopy(names, 0, all, 0, names.length);
        return new NamedGraph(builder.build(), output, all, node -> node == output ? new Problem.Position(7, 3) : null);
    }

    @Test
    void unnamed_nodes_are_counted_per_op_and_taken_ids_passed_over() {
        int two = builder.literalIndex(2);
        int first = builder.add(op("mul", Map.of(), 2), x, two);
        int second = builder.add(op("mul", Map.of(), 2), first, x);
        int third = builder.add(op("add", Map.of(), 2), second, x);
        int last = builder.add(op("neg", Map.of(), 1), third);
        NamedGraph program = program(last, "x", "mul_1");
        assertThat(program.id(first)).isEqualTo("mul_2");
        assertThat(program.id(second)).isEqualTo("mul_3");
        assertThat(program.id(third)).isEqualTo("add_1");
        assertThat(program.id(last)).isEqualTo("output");
        assertThat(program.id(two)).isEqualTo("2.0");
        assertThat(program.find("mul_1")).isEqualTo(w);
        assertThat(program.find("neg_1")).isNull();
        assertThat(program.find("2.0")).isNull();
        assertThat(program.allIds()).containsExactlyInAnyOrder("x", "mul_1", "mul_2", "mul_3", "add_1", "output");
        assertThat(program.isNamed(first)).isFalse();
        assertThat(program.inputs()).containsExactly(x, w);
        assertThat(program.withOutput(third).id(last)).as("it keeps its id").isEqualTo("output");
    }

    /** Ids are made when first asked for, by whichever threads ask. */
    @Test
    void many_threads_see_all_ids() throws Exception {
        GraphBuilder large = GraphBuilder.withoutShapes(Allowance.nodes(10_000));
        int last = large.add(new Leaf.Input("x", null), new int[0]);
        while (large.size() < 2000) {
            last = large.add(op("neg", Map.of(), 1), last);
        }
        int size = large.size();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < 50; round++) {
                NamedGraph program = new NamedGraph(large.build(), last, new String[size], node -> null);
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Integer>> asked = IntStream.range(0, 8).mapToObj(thread -> threads.submit(() -> {
                    start.await();
                    int node = size - 2 - thread;
                    assertThat(program.find("neg_" + node)).isEqualTo(node);
                    assertThat(program.id(node)).isEqualTo("neg_" + node);
                    return program.allIds().size();
                })).toList();
                start.countDown();
                for (Future<Integer> one : asked) {
                    assertThat(one.get()).isEqualTo(size);
                }
            }
        }
    }

    @Test
    void shapes_follow_from_those_of_the_inputs() {
        int product = builder.add(op("matmul", Map.of(), 2), w, x);
        NamedGraph program = ShapeInference.infer(program(product, "x", "w"), Map.of("x", Shape.of(3), "w", Shape.of(2, 3)));
        assertThat(program.graph().shape(product)).isEqualTo(Shape.of(2));
        assertThat(program.graph().shape(x)).isEqualTo(Shape.of(3));
    }

    @Test
    void everything_that_fails_by_itself_is_said_at_once() {
        int product = builder.add(op("matmul", Map.of(), 2), w, x);
        int sum = builder.add(op("sum", Map.of("axis", 5), 1), w);
        int total = builder.add(op("add", Map.of(), 2), product, sum);
        NamedGraph program = program(product, "x", "w", "product", "sum", "total");
        List<Problem> problems = catchThrowableOfType(ProblemException.class,
                () -> ShapeInference.infer(program, Map.of("x", Shape.of(2), "w", Shape.of(2, 3)))).problems();
        assertThat(problems).extracting(Problem::code).containsExactly(ProblemCode.SHAPE_MISMATCH, ProblemCode.BAD_ATTRIBUTE);
        assertThat(problems).extracting(Problem::node).containsExactly("product", "sum").doesNotContain(program.id(total));
        assertThat(problems.getFirst().message()).isEqualTo(
                "product: matmul: shapes [2, 3] and [2] do not fit: rows of 3 meet columns of 2");
        assertThat(problems.getFirst().expected()).isEqualTo("equal lengths");
        assertThat(problems.getFirst().actual()).isEqualTo("[2, 3] and [2]");
        assertThat(problems.getFirst().line()).isEqualTo(7);
        assertThat(problems.get(1).line()).isNull();
    }

    @Test
    void inputs_are_missing_or_contradict_their_declaration() {
        NamedGraph program = program(w, "x", "w");
        List<Problem> problems = catchThrowableOfType(ProblemException.class,
                () -> ShapeInference.infer(program, Map.of("X", Shape.SCALAR, "w", Shape.of(3, 2)))).problems();
        assertThat(problems).extracting(Problem::code).containsExactly(ProblemCode.MISSING_INPUT, ProblemCode.SHAPE_MISMATCH);
        assertThat(problems.getFirst().hint()).isEqualTo("inputs has 'X'; is that what 'x' means?");
        assertThat(problems.get(1).message()).contains("has shape [3, 2], its node declares [2, 3]");
        assertThat(problems.get(1).expected()).isEqualTo("[2, 3]");
    }

    @Test
    void a_problem_tells_its_code_as_clients_read_it() {
        assertThat(ProblemCode.SHAPE_MISMATCH.code()).isEqualTo("shape-mismatch");
        Problem problem = Problem.of(ProblemCode.CYCLE, "round and round").node("a").operand(1).attribute("axis").at(Place.OfNode.at(0))
                .hint("untie it").model("knot")
                .position(null);
        assertThat(problem)
                .isEqualTo(new Problem(ProblemCode.CYCLE, "round and round", "a", 1, "axis", null, null, Place.OfNode.at(0), null, null,
                        "untie it", "knot"));
        assertThat(new ProblemException(problem)).hasMessage("round and round; untie it");
    }
}
