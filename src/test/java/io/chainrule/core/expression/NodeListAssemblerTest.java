package io.chainrule.core.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodeListAssemblerTest {
    private static final Place OUTPUT = Place.nodeList("output");
    private static final NodeSpec X = node("x", "input");
    private static final NodeSpec Y = node("y", "input");

    @Test
    void keepsTheWrittenOrderWhereItIsTopological() {
        assertThat(ids(List.of(Y, X, node("b", "mul", "x", "y"), node("a", "add", "x", "b")), null)).containsExactly("y", "x", "b", "a");
    }

    @Test
    void placesANodeAsSoonAsThoseItReadsArePlaced() {
        assertThat(ids(List.of(node("f", "add", "q", "r"), X, node("r", "exp", "x"), node("q", "mul", "x", "y"), Y), null))
                .containsExactly("x", "y", "q", "r", "f");
    }

    @Test
    void readsNumbersAsLiteralsAndSharesNothingElse() {
        NamedGraph program = assemble(List.of(X, node("a", "mul", 2.0, "x"), node("b", "mul", 2.0, "x"), node("f", "sub", "a", "b")), null,
                Set.of());
        assertThat(Programs.nodes(program)).containsExactly("x = input()", "a = mul(2, x)", "b = mul(2, x)", "f = sub(a, b)");
    }

    @Test
    void takesInputsOfTheRequestAsNodes() {
        NamedGraph program = assemble(List.of(node("f", "sub", "u", "x"), X), null, Set.of("u", "x", "unused"));
        assertThat(Programs.nodes(program)).containsExactly("u = input()", "x = input()", "f = sub(u, x)");
        assertThat(Programs.nodes(assemble(List.of(), "u", Set.of("u")))).containsExactly("u = input()");
    }

    @Test
    void readsInputsWithShapesAndConstants() {
        NamedGraph program = assemble(List.of(new NodeSpec("x", "input", List.of(), Map.of("shape", List.of(2.0, 0.0))),
                new NodeSpec("c", "constant", List.of(), Map.of("value", Tensor.vector(1, 2))), node("f", "matmul", "x", "c")), null,
                Set.of("x"));
        assertThat(Programs.nodes(program)).containsExactly("x = input(; shape=[2, 0])", "c = [2][1.0, 2.0]()", "f = matmul(x, c)");
    }

    @Test
    void writesTheListThatItReads() {
        List<NodeSpec> nodes = List.of(X, new NodeSpec("c", "constant", List.of(), Map.of("value", Tensor.vector(1, 2))),
                node("q", "mul", "x", 2.0), new NodeSpec("s", "sum", List.of("q"), Map.of("axis", List.of(0), "keepdims", true)),
                node("f", "mul", "s", "c"));
        assertThat(Programs.specs(assemble(nodes, null, Set.of()))).isEqualTo(nodes);
    }

    @Test
    void takesTheOnlyNodeThatNoOtherUsesAsOutput() {
        List<NodeSpec> nodes = List.of(X, node("f", "exp", "x"), node("g", "exp", "f"));
        assertThat(outputId(nodes, null)).isEqualTo("g");
        assertThat(outputId(nodes, "f")).isEqualTo("f");
    }

    @Test
    void tellsWhichNodesCouldBeTheOutput() {
        List<NodeSpec> nodes = new ArrayList<>(List.of(X));
        IntStream.range(0, 7).forEach(i -> nodes.add(node("f" + i, "exp", "x")));
        assertProblem(nodes, null, ProblemCode.MISSING_OUTPUT, OUTPUT, null,
                "several nodes are used by no other, and none is named as the output", "name one of f0, f1, f2, f3, f4, …");
        assertProblem(nodes.subList(0, 3), null, ProblemCode.MISSING_OUTPUT, OUTPUT, null,
                "several nodes are used by no other, and none is named as the output", "name one of f0, f1");
        assertProblem(List.of(), null, ProblemCode.MISSING_OUTPUT, Place.nodeList("nodes"), null, "the graph has no nodes", null);
    }

    @Test
    void namesTheNodesOfACycle() {
        assertProblem(List.of(node("a", "exp", "b"), node("b", "add", 1.0, "c"), node("c", "exp", "a")), null, ProblemCode.CYCLE,
                place(2, "inputs", "0"), "c", "nodes read each other in a circle: a → b → c → a", null);
        assertProblem(List.of(node("a", "mul", "a", 2.0)), null, ProblemCode.CYCLE, place(0, "inputs", "0"), "a",
                "nodes read each other in a circle: a → a", null);
        List<NodeSpec> ring = IntStream.range(0, 1000).mapToObj(i -> node("n" + i, "exp", "n" + (i + 1) % 1000)).toList();
        assertProblem(ring, null, ProblemCode.CYCLE, place(999, "inputs", "0"), "n999",
                "nodes read each other in a circle: n0 → n1 → n2 → n3 → n4 → … → n999 → n0", null);
    }

    @Test
    void pointsAtWhatIsWrongWithANode() {
        assertProblem(List.of(X, node("f", "exq", "x")), null, ProblemCode.UNKNOWN_OP, place(1, "op"), "f", "there is no op 'exq'",
                "did you mean 'exp'?");
        assertProblem(List.of(X, node("f", "gate", "x")), null, ProblemCode.UNKNOWN_OP, place(1, "op"), "f", "there is no op 'gate'",
                "GET /v1/ops lists the ops, and GET /v1/models the models, which are called as ops are");
        assertProblem(List.of(X, node("f", null, "x")), null, ProblemCode.UNKNOWN_OP, place(1, "op"), "f", "the node has no op", null);
        assertProblem(List.of(node(null, "input")), null, ProblemCode.INVALID_VALUE, place(0, "id"), null, "the node has no id", null);
        assertProblem(List.of(node("weight", "input"), node("f", "mul", 2.0, "wieght")), null, ProblemCode.UNKNOWN_NODE,
                place(1, "inputs", "1"), "f", "neither a node nor an input is called 'wieght'", "did you mean 'weight'?");
        assertProblem(List.of(X, X), "x", ProblemCode.DUPLICATE_ID, place(1, "id"), "x", "two nodes are called 'x'", null);
        assertProblem(List.of(X, node("loss", "exp", "x")), "los", ProblemCode.UNKNOWN_NODE, OUTPUT, null,
                "the graph has no node 'los'", "did you mean 'loss'?");
        assertThat(problems(List.of(X, node("given", "exp", "x")), null, Set.of("given"))).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ProblemCode.DUPLICATE_ID);
            assertThat(problem.place()).isEqualTo(place(1, "id"));
        });
    }

    @Test
    void pointsAtOperandsAndAttributes() {
        assertThat(problems(List.of(X, node("f", "maximum", "x")), null, Set.of())).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ProblemCode.WRONG_ARITY);
            assertThat(problem.place()).isEqualTo(place(1, "inputs"));
            assertThat(problem.node()).isEqualTo("f");
        });
        assertThat(attributePlace("sum", "axis", "two")).isEqualTo(place(1, "attributes", "axis"));
        assertThat(attributePlace("sum", "a/b~c", 1.0)).isEqualTo(place(1, "attributes", "a/b~c"));
        Object deep = 1.0;
        for (int i = 0; i < 100_000; i++) {
            deep = List.of(deep);
        }
        assertThat(attributePlace("sum", "axis", deep)).isEqualTo(place(1, "attributes", "axis"));
    }

    private static @Nullable Place attributePlace(String op, String attribute, Object value) {
        List<Problem> problems = problems(List.of(X, new NodeSpec("f", op, List.of("x"), Map.of(attribute, value))), null, Set.of());
        assertThat(problems).singleElement().extracting(Problem::code).isEqualTo(ProblemCode.BAD_ATTRIBUTE);
        return problems.getFirst().place();
    }

    @Test
    void checksInputsAndConstants() {
        assertThat(problems(
                List.of(new NodeSpec("a", "input", List.of(1.0), Map.of("shape", List.of(1.5))),
                        new NodeSpec("b", "input", List.of(), Map.of("shape", List.of(-1.0))),
                        new NodeSpec("c", "constant", List.of(), Map.of()),
                        new NodeSpec("d", "input", List.of(), Map.of("size", 2.0)), new NodeSpec("e", "exp", List.of(List.of()), Map.of())),
                "a", Set.of())).extracting(Problem::place).containsExactly(place(0, "inputs"), place(1, "shape"),
                        place(2, "value"), place(3, "attributes", "size"), place(4, "inputs", "0"));
    }

    @Test
    void reportsAllAtOnce() {
        assertThat(problems(List.of(X, node("a", "expp", "x"), node("a", "exp", "z"), node("b", "exp", "b"), node("c", "sum", "x", "x")),
                "g", Set.of()))
                .extracting(Problem::code).containsExactlyInAnyOrder(ProblemCode.UNKNOWN_OP, ProblemCode.DUPLICATE_ID,
                        ProblemCode.UNKNOWN_NODE,
                        ProblemCode.CYCLE, ProblemCode.WRONG_ARITY, ProblemCode.UNKNOWN_NODE);
        assertThat(problems(Collections.nCopies(200, node("a", "expp")), "a", Set.of())).hasSize(100);
        assertThat(problems(IntStream.range(0, 100_000).mapToObj(i -> node("node" + i, "exp", "noed" + i)).toList(), "a", Set.of()))
                .hasSize(100);
    }

    @Test
    void ordersAMillionNodesWrittenBackwards() {
        List<NodeSpec> chain = new ArrayList<>(
                IntStream.rangeClosed(1, 1_000_000).mapToObj(i -> node("n" + i, "exp", "n" + (i - 1))).toList());
        Collections.reverse(chain);
        NamedGraph program = assemble(chain, null, Set.of("n0"));
        assertThat(program.id(program.output())).isEqualTo("n1000000");
        assertThat(program.id(0)).isEqualTo("n0");
        assertThatExceptionOfType(LimitException.class)
                .isThrownBy(() -> NodeListAssembler.assemble(chain, null, OUTPUT, Given.named(Set.of("n0")), Allowance.nodes(1_000_000)))
                .satisfies(e -> assertThat(e.limit()).isEqualTo("nodes"));
    }

    private static Place place(int node, String... parts) {
        return new Place.OfNode(node, List.of(parts));
    }

    private static NodeSpec node(@Nullable String id, @Nullable String op, Object... inputs) {
        return new NodeSpec(id, op, List.of(inputs), Map.of());
    }

    private static NamedGraph assemble(List<NodeSpec> nodes, @Nullable String output, Set<String> inputs) {
        return NodeListAssembler.assemble(nodes, output, OUTPUT, Given.named(inputs), Allowance.nodes(2_000_000));
    }

    private static List<String> ids(List<NodeSpec> nodes, @Nullable String output) {
        NamedGraph program = assemble(nodes, output, Set.of());
        return IntStream.range(0, program.graph().size()).mapToObj(program::id).toList();
    }

    private static String outputId(List<NodeSpec> nodes, @Nullable String output) {
        NamedGraph program = assemble(nodes, output, Set.of());
        return program.id(program.output());
    }

    private static List<Problem> problems(List<NodeSpec> nodes, @Nullable String output, Set<String> inputs) {
        return catchThrowableOfType(ProblemException.class, () -> assemble(nodes, output, inputs)).problems();
    }

    private static void assertProblem(List<NodeSpec> nodes, @Nullable String output, ProblemCode code, Place place,
            @Nullable String node,
            String message, @Nullable String hint) {
        String model = code == ProblemCode.UNKNOWN_OP ? nodes.getLast().op() : null;
        assertThat(problems(nodes, output, Set.of()))
                .containsExactly(Problem.of(code, message).at(place).node(node).hint(hint).model(model));
    }
}
