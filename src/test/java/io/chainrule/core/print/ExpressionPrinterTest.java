package io.chainrule.core.print;

import io.chainrule.core.expression.ValueText;
import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.expression.Given;
import io.chainrule.core.expression.NodeListAssembler;
import static io.chainrule.core.expression.Programs.nodes;
import static io.chainrule.core.expression.Programs.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionPrinterTest {

    @ParameterizedTest
    @ValueSource(strings = {"f = a + b - c", "f = a - (b - c)", "f = a * (b + c)", "f = (a * b)^c", "f = a^b^c", "f = (a^b)^c", "f = -a^2",
            "f = (-a)^2", "f = a^-2", "f = a^-b^c", "f = 2^-b * c", "f = a * -b", "f = -a * b", "f = -(a * b)", "f = --2", "f = -(2)",
            "f = -2^2", "f = (-2)^2", "f = (-2)[0]", "f = (2).T", "f = (a < b) == (c != 1)", "f = a + 1 < -b", "f = a @ b.T",
            "f = (a @ b).T",
            "f = a // b % c", "f = -x[0]^2", "f = x[0, 1:3, ..., ::2, -1]", "f = [a, 1, [2, 3]]", "f = [[1, 2], [3, a]]", "f = stack(1, 2)",
            "f = stack(a, b, axis=1)", "f = [[1, 2], [3, 4.5]] * 1.0E-5", "f = [[], []]", "f = 3", "f = maximum(x, -inf)", "f = nan * -0",
            "f = 123456789012345 * x", "f = sum(exp(x) + 1, axis=[0], keepdims=true)", "f = clip(x, min=-1, max=inf)",
            "f = transpose(x, axes=[0, 2, 1])", "q = W @ x⏎f = sum(q^2)", "x * 2", "a + b⏎a * b",
            "f = -(pi)", "f = (e)[0]", "pi^e", "f = e",
            "x", "f = x", "q = x * x⏎q", "a = 2⏎f = a * x", "θ = 1⏎f = θ"})
    void writesWhatItReadWithNoMoreParenthesesThanNeeded(String text) {
        assertThat(ExpressionPrinter.print(parse(text))).isEqualTo(text.replace('⏎', '\n'));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            (a) * ((b))                    | a * b
            f=sin( x )**2                  | f = sin(x)^2
            f = power(x, 2) + neg(x)       | f = x^2 + -x
            f = matmul(transpose(x), x)    | f = x.T @ x
            f = add(mul(a, b), lt(a, b))   | f = a * b + (a < b)
            f = index(x, at=[0, '1:3'])    | f = x[0, 1:3]
            f = 1e15 * 100000.0 * 1e-7     | f = 1.0E15 * 100000 * 1.0E-7
            f = x * 3.141592653589793      | f = x * pi
            f = pi^-2.718281828459045      | f = pi^-2.718281828459045
            # a list as the only operand is the operands; an array that is the only operand stands in a list
            concatenate([x, y], axis=1)    | concatenate(x, y, axis=1)
            stack([x, y])                  | [x, y]
            concatenate([[x, y]])          | concatenate([[x, y]])
            concatenate(stack(1, 2))       | concatenate(stack(1, 2))
            concatenate([[[1, 2], [3, 4]]]) | concatenate([[[1, 2], [3, 4]]])
            stack([[1, 2]], axis=1)        | stack([[1, 2]], axis=1)
            s = [x, y]; concatenate(s)     | s = [x, y]⏎concatenate(s[0], s[1])
            s = stack(x, y); concatenate(s) | s = [x, y]⏎concatenate([s])
            # unless something else is called so
            f = e * 3.141592653589793⏎pi = x | f = e * 3.141592653589793⏎pi = x
            # an alias stands before the output that may read it, one of the output behind it
            f = x⏎g = f * 1                | f = x⏎g = x * 1
            q = x * x⏎g = x⏎f = q          | g = x⏎q = x * x⏎f = q
            # bindings of one name are told apart
            h = x * x⏎h = h * h            | h_1 = x * x⏎h = h_1 * h_1
            """)
    void writesOneStyle(String text, String printed) {
        assertThat(ExpressionPrinter.print(parse(text))).isEqualTo(printed.replace('⏎', '\n'));
    }

    @Test
    void makesAStatementOfAnUnnamedNodeThatIsReadTwice() {
        GraphBuilder graph = GraphBuilder.withoutShapes(Allowance.nodes(10));
        int x = graph.add(new Leaf.Input("x", null), new int[0]);
        int square = graph.add(op("x^2"), x, graph.literalIndex(2));
        int product = graph.add(op("x * y"), square, square);
        NamedGraph program = new NamedGraph(graph.build(), product, new String[]{"x", null, null, null}, _ -> null);
        assertThat(ExpressionPrinter.print(program)).isEqualTo("pow_1 = x^2\npow_1 * pow_1");
    }

    private static Op op(String text) {
        NamedGraph program = parse(text);
        return program.graph().op(program.output());
    }

    @Test
    void endsWithTheOutputWhereverItStands() {
        NamedGraph program = parse("a = x * 2; b = a + y * y; c = b * b");
        assertThat(ExpressionPrinter.print(program.withOutput(find(program, "b")))).isEqualTo("a = x * 2\nb = a + y * y\nc = b * b\nb");
        assertThat(ExpressionPrinter.print(program.withOutput(find(program, "mul_1"))))
                .isEqualTo("a = x * 2\nmul_1 = y * y\nb = a + mul_1\nc = b * b\nmul_1");
        assertThat(ExpressionPrinter.print(program.withOutput(find(program, "x")))).isEqualTo("a = x * 2\nb = a + y * y\nc = b * b\nx");
    }

    private static int find(NamedGraph program, String id) {
        Integer node = program.find(id);
        assertThat(node).as(id).isNotNull();
        return node;
    }

    @Test
    void breaksChainsThatNestTooDeep() {
        NamedGraph program = parse("exp(".repeat(1000) + "x" + ")".repeat(1000));
        String text = ExpressionPrinter.print(program);
        assertThat(text.lines()).hasSize(5);
        assertThat(nodes(ExpressionParser.parse(text, Set.of(), new ExpressionParser.Limits(2000, 250)))).isEqualTo(nodes(program));
    }

    @Test
    void replacesIdsThatAreNoNames() {
        List<NodeSpec> nodes = List.of(new NodeSpec("a b", "input", List.of(), Map.of()), new NodeSpec("a_b", "input", List.of(), Map.of()),
                new NodeSpec("1x", "mul", List.of("a b", "a_b"), Map.of()), new NodeSpec("for", "exp", List.of("1x"), Map.of()),
                new NodeSpec("", "exp", List.of("for"), Map.of()),
                new NodeSpec("inf", "add", List.of("", Double.POSITIVE_INFINITY), Map.of()));
        assertThat(
                ExpressionPrinter.print(
                        NodeListAssembler.assemble(nodes, null, Place.nodeList("output"), Given.named(Set.of()), Allowance.nodes(10))))
                .isEqualTo("_1x = a_b_2 * a_b\nfor_2 = exp(_1x)\n_ = exp(for_2)\ninf_2 = _ + inf");
    }

    @Test
    void writesAttributes() {
        assertThat(ValueText.attribute(List.of(1, "tanh", true, List.of(0.5), "it's"))).isEqualTo("[1, 'tanh', true, [0.5], \"it's\"]");
    }

    @Test
    void writesConstantsOfAnyShape() {
        assertThat(ValueText.array(Tensor.scalar(-1.5))).isEqualTo("-1.5");
        assertThat(ValueText.array(Tensor.of(Shape.of(1, 2, 2), 1, 2, 3, 4))).isEqualTo("[[[1, 2], [3, 4]]]");
        assertThat(ValueText.array(Tensor.zeros(Shape.of(2, 1, 0)))).isEqualTo("[[[]], [[]]]");
        assertThat(ValueText.array(Tensor.zeros(Shape.of(0, 3)))).isEqualTo("reshape([], shape=[0, 3])");
    }

    @Test
    void keepsUnusedInputsAndConstantsThatAreNodes() {
        List<NodeSpec> nodes = List.of(new NodeSpec("x", "input", List.of(), Map.of()),
                new NodeSpec("c", "constant", List.of(), Map.of("value", Tensor.scalar(2))),
                new NodeSpec("f", "exp", List.of("c"), Map.of()));
        assertThat(ExpressionPrinter
                .print(NodeListAssembler.assemble(nodes, "f", Place.nodeList("output"), Given.named(Set.of()), Allowance.nodes(10))))
                .isEqualTo("x\nc = 2\nf = exp(c)");
    }

    /** A statement may hold many nodes. */
    @Test
    void asksAtEachNodeWhetherToGoOn() {
        NamedGraph program = parse("f = x" + " + x * y".repeat(1_000));
        int[] asked = {0};
        String text = ExpressionPrinter.write(program, Set.of(), () -> asked[0]++).expression();
        assertThat(text.lines()).hasSizeLessThan(100);
        assertThat(asked[0]).isBetween(1_000, 5_000);
    }
}
