package io.chainrule.core.expression;

import io.chainrule.core.print.ExpressionPrinter;
import static io.chainrule.core.expression.Programs.calls;
import static io.chainrule.core.expression.Programs.nodes;
import static io.chainrule.core.expression.Programs.parse;
import static io.chainrule.core.expression.Programs.problems;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.graph.ProblemException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluatorTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            a + b - c         | sub(add(a, b), c)
            a - (b - c)       | sub(a, sub(b, c))
            a + b * c         | add(a, mul(b, c))
            (a + b) * c       | mul(add(a, b), c)
            a * b / c @ d     | matmul(div(mul(a, b), c), d)
            a % b // c        | floor_divide(remainder(a, b), c)
            a ^ b ^ c         | pow(a, pow(b, c))
            a ** b            | pow(a, b)
            a * b ^ c         | mul(a, pow(b, c))
            -a + b            | add(neg(a), b)
            -a * b            | mul(neg(a), b)
            a * -b            | mul(a, neg(b))
            a - -b            | sub(a, neg(b))
            - -a              | neg(neg(a))
            +a                | a
            a + +b            | add(a, b)
            -a^b              | neg(pow(a, b))
            (-a)^b            | pow(neg(a), b)
            a^-b              | pow(a, neg(b))
            a^-b^c            | pow(a, neg(pow(b, c)))
            a^-b * c          | mul(pow(a, neg(b)), c)
            a < b + c         | lt(a, add(b, c))
            a <= -b           | le(a, neg(b))
            a > b             | gt(a, b)
            a >= b            | ge(a, b)
            a == b            | eq(a, b)
            a != b            | ne(a, b)
            (a < b) == c      | eq(lt(a, b), c)
            a.T @ b           | matmul(transpose(a), b)
            (a @ b).T.T       | transpose(transpose(matmul(a, b)))
            -a.T              | neg(transpose(a))
            a.T^b             | pow(transpose(a), b)
            -a[0]^b           | neg(pow(index(a; at=[0]), b))
            exp(a)^b          | pow(exp(a), b)
            """)
    void bindsOperatorsAsNumPyDoes(String text, String calls) {
        assertThat(calls(parse(text))).isEqualTo(calls);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            x * 2                 | mul(x, 2)
            x * .5 + 1.           | add(mul(x, 0.5), 1)
            x * 1e-3              | mul(x, 0.001)
            x - 2                 | sub(x, 2)
            x -2                  | sub(x, 2)
            x * -2                | mul(x, -2)
            -2 * x                | mul(-2, x)
            - 2 * x               | mul(-2, x)
            --2 * x               | mul(neg(-2), x)
            -(2) * x              | mul(neg(2), x)
            -2^x                  | neg(pow(2, x))
            (-2)^x                | pow(-2, x)
            2^-1                  | pow(2, -1)
            2^-1^x                | pow(2, neg(pow(1, x)))
            -2[...] * x           | mul(neg(index(2; at=[...])), x)
            2 * 3                 | mul(2, 3)
            x * true + false      | add(mul(x, 1), 0)
            x * pi                | mul(x, 3.141592653589793)
            x + e                 | add(x, 2.718281828459045)
            maximum(x, -inf)      | maximum(x, -inf)
            x + nan               | add(x, nan)
            """)
    void readsNumbersAsOperands(String text, String calls) {
        assertThat(calls(parse(text))).isEqualTo(calls);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            3                        | [][3.0]
            f = -3                   | [][-3.0]
            (3)                      | [][3.0]
            f = true                 | [][1.0]
            f = inf                  | [][Infinity]
            []                       | [0][]
            [1, -2, +3]              | [3][1.0, -2.0, 3.0]
            [1, 2,]                  | [2][1.0, 2.0]
            [[1, 2], [3, 4]]         | [2, 2][1.0, 2.0, 3.0, 4.0]
            [[[1]], [[2]]]           | [2, 1, 1][1.0, 2.0]
            [[], []]                 | [2, 0][]
            [⏎1, # one⏎⏎2⏎]          | [2][1.0, 2.0]
            [-inf, pi, true]         | [3][-Infinity, 3.141592653589793, 1.0]
            [a, 1]                   | stack(a, 1)
            [a, b,]                  | stack(a, b)
            [[1, 2], [3, a]]         | stack([2][1.0, 2.0], stack(3, a))
            [[1, 2], [a, b], [3, 4]] | stack([2][1.0, 2.0], stack(a, b), [2][3.0, 4.0])
            [--1, 2]                 | stack(neg(-1), 2)
            [1, 2][0] * a            | mul(index([2][1.0, 2.0]; at=[0]), a)
            """)
    void readsWholeStatementsAndListsOfNumbersAsConstants(String text, String calls) {
        assertThat(calls(parse(text))).isEqualTo(calls);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            x[0]                | [0]
            x[-1]               | [-1]
            x[1:3]              | [1:3]
            x[:, 0]             | [:, 0]
            x[::2]              | [::2]
            x[-3::-1]           | [-3::-1]
            x[1:]               | [1:]
            x[1::]              | [1:]
            x[..., 0]           | [..., 0]
            x[ 0 , 1 : 3 , ]    | [0, 1:3]
            """)
    void readsIndices(String text, String at) {
        assertThat(calls(parse(text))).isEqualTo("index(x; at=" + at + ")");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            sum(x)                                  | sum(x)
            sum(x, axis=1)                          | sum(x; axis=[1])
            sum(x, axis=[0, -1], keepdims=true)     | sum(x; axis=[0, -1], keepdims=true)
            sum(x, keepdims=False, axis=[])         | sum(x; axis=[])
            sum(⏎  x,⏎  axis=0,⏎)                   | sum(x; axis=[0])
            clip(x, min=-1, max=inf)                | clip(x; max=Infinity, min=-1.0)
            clip(x, max='Infinity', min='NaN')      | clip(x; max=Infinity, min=NaN)
            reshape(x, shape=[2, +3])               | reshape(x; shape=[2, 3])
            reshape(x, shape=[(2 + 1) * 2, -7 // 2, 7 % 4]) | reshape(x; shape=[6, -4, 3])
            clip(x, min=-1 / 8, max=2^-1)           | clip(x; max=0.5, min=-0.125)
            clip(x, min=7 % 0.1, max=7 // 0.1)          | clip(x; max=69.0, min=0.09999999999999962)
            clip(x, min=-7 % 3, max=0.3 % inf)          | clip(x; max=0.3, min=2.0)
            subtract(x, ln(x))                      | sub(x, log(x))
            where(x < 0, -x, x)                     | where(lt(x, 0), neg(x), x)
            """)
    void readsCallsWithAttributesByKeyword(String text, String calls) {
        assertThat(calls(parse(text))).isEqualTo(calls);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            # every operation is a node, operands before the operation that uses them
            f = 2 * (x*y + maximum(z, w)) | x = input(), y = input(), mul_1 = mul(x, y), z = input(), w = input(), \
            maximum_1 = maximum(z, w), add_1 = add(mul_1, maximum_1), f = mul(2, add_1)
            # statements are named, an unnamed last one is the output
            q = W @ x⏎q^2                 | W = input(), x = input(), q = matmul(W, x), output = pow(q, 2)
            a*b; b*a; 1 + a               | a = input(), b = input(), mul_1 = mul(a, b), mul_2 = mul(b, a), output = add(1, a)
            # a taken id is passed over
            mul_1 = a + a; f = a * a * a  | a = input(), mul_1 = add(a, a), mul_2 = mul(a, a), f = mul(mul_2, a)
            output = a * a; a + a         | a = input(), output = mul(a, a), add_1 = add(a, a)
            # a name may be bound again: the last binding has the name
            h = a; h = h*h; h = h*h       | a = input(), h_2 = mul(a, a), h = mul(h_2, h_2)
            h = a*a; h_1 = h; h = h*h     | a = input(), h_2 = mul(a, a), h = mul(h_2, h_2)
            # letters of any alphabet
            σ = θ_1 * x̂                   | θ_1 = input(), x̂ = input(), σ = mul(θ_1, x̂)
            # statements and inputs hide constants
            e = 2; f = e * pi             | e = [][2.0](), f = mul(e, 3.141592653589793)
            """)
    void givesEveryNodeItsId(String text, String nodes) {
        assertThat(nodes(parse(text))).containsExactly(nodes.split("(?<=\\)), "));
    }

    @Test
    void prefersAnInputToAConstant() {
        assertThat(nodes(parse("f = e * pi", "e"))).containsExactly("e = input()", "f = mul(e, 3.141592653589793)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            f = x                  | x | f
            f = (x)                | x | f
            q = x*y; f = q         | q | f
            q = x*y; f = q; g = f  | q | f, g
            q = x*y; q             | q | output
            x                      | x | output
            h = x; h = 2 * h; h    | h | h_1, output
            """)
    void findsAStatementThatOnlyNamesANodeAsItsAlias(String text, String output, String aliases) {
        NamedGraph program = parse(text);
        assertThat(program.id(program.output())).isEqualTo(output);
        assertThat(program.aliases().keySet()).containsExactly(aliases.split(", "));
        assertThat(Arrays.stream(aliases.split(", ")))
                .allSatisfy(alias -> assertThat(program.find(alias)).isEqualTo(program.aliases().get(alias)));
    }

    @Test
    void keepsTheIdOfAnUnnamedOutputWhenAnotherNodeIsAskedFor() {
        NamedGraph program = parse("x * y + 1");
        Integer product = program.find("mul_1");
        assertThat(product).isNotNull();
        assertThat(nodes(program.withOutput(product))).isEqualTo(nodes(program));
    }

    @Test
    void separatesStatementsByLineBreaksAndSemicolonsAndPassesOverComments() {
        assertThat(nodes(parse("\n# weights\r\na = x*x # squared\r\r;; b = a*\ta;\u00a0\n# end"))).containsExactly("x = input()",
                "a = mul(x, x)",
                "b = mul(a, a)");
    }

    @Test
    void knowsWhereEachNodeWasWritten() {
        NamedGraph program = parse("q = W @ x\r\n𝑓 = sum(q ^ 2)  + q[0]");
        Map<String, Position> positions = Map.of("W", new Position(1, 5), "q", new Position(1, 7), "sum_1", new Position(2, 5), "pow_1",
                new Position(2, 11), "index_1", new Position(2, 20), "𝑓", new Position(2, 17));
        positions.forEach((id, position) -> {
            Integer node = program.find(id);
            assertThat(node).as(id).isNotNull();
            assertThat(program.position(node)).as(id).isEqualTo(position);
        });
    }

    /** As in NumPy, whose functions take one sequence. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            concatenate([x, y])                    | concatenate(x, y)
            concat([x, y], axis=1)                 | concatenate(x, y; axis=1)
            concatenate(([x, y,]))                 | concatenate(x, y)
            concatenate([[1, 2], [3, 4]])          | concatenate([2][1.0, 2.0], [2][3.0, 4.0])
            concatenate([[x, 1], [2, 3]])          | concatenate(stack(x, 1), [2][2.0, 3.0])
            concatenate([x])                       | concatenate(x)
            stack([1, 2, 3])                       | stack(1, 2, 3)
            stack([x, y], axis=-1)                 | stack(x, y; axis=-1)
            stack([concatenate([x, y]), z])        | stack(concatenate(x, y), z)
            f(u) = stack([u, u]); f(x)             | stack(x, x)
            # the same for a name of a list, whose items are read by index
            l = [x, y]; concatenate(l, axis=1)     | concatenate(index(stack(x, y); at=[0]), index(stack(x, y); at=[1]); axis=1)
            l = [x, y]; m = l; concat((m))         | concatenate(index(stack(x, y); at=[0]), index(stack(x, y); at=[1]))
            l = [1, 2]; stack(l)                   | stack(index([2][1.0, 2.0]; at=[0]), index([2][1.0, 2.0]; at=[1]))
            l = [x]; concatenate(l)                | concatenate(index(stack(x); at=[0]))
            f(l) = stack(l); f([x])                | stack(index(stack(x); at=[0]))
            l = [x, y]; concatenate([l])           | concatenate(stack(x, y))
            l = [x, y]; concatenate(l, z)          | concatenate(stack(x, y), z)
            l = [x, y]; l = 2 * l; concatenate(l)  | concatenate(mul(2, stack(x, y)))
            # a list among other operands, or in a larger operand, is an array
            concatenate(x, y)                      | concatenate(x, y)
            concatenate([1, 2], [3])               | concatenate([2][1.0, 2.0], [1][3.0])
            concatenate([x, y], z)                 | concatenate(stack(x, y), z)
            concatenate([x, y].T)                  | concatenate(transpose(stack(x, y)))
            concatenate([x, y] + 1)                | concatenate(add(stack(x, y), 1))
            sum([x, y])                            | sum(stack(x, y))
            """)
    void takesAListThatIsTheOnlyOperandOfASequenceOpAsItsOperands(String text, String calls) {
        NamedGraph program = parse(text);
        assertThat(calls(program)).isEqualTo(calls);
        assertThat(calls(parse(ExpressionPrinter.print(program)))).isEqualTo(calls);
    }

    @Test
    void meansWithOtherInputsSomethingElse() {
        SyntaxTree tree = Parser.parse("f = [e, 1] * pi", 100);
        assertThat(calls(Evaluator.evaluate(tree, Given.named(Set.of()), Allowance.nodes(100)).program()))
                .isEqualTo("mul([2][2.718281828459045, 1.0], 3.141592653589793)");
        assertThat(calls(Evaluator.evaluate(tree, Given.named(Set.of("e", "pi")), Allowance.nodes(100)).program()))
                .isEqualTo("mul(stack(e, 1), pi)");
    }

    @Test
    void reportsMistakesOfTheTextAndOfItsMeaningInTheOrderOfTheText() {
        assertThat(problems("a = tanhh(x) + * y⏎b = exp(a, a)⏎c = (b⏎d = c[i]; e = x y").stream().map(Problem::message)).containsExactly(
                "there is no op 'tanhh'", "a value is missing between '+' and '*'", "exp takes 1 operand [x], not 2",
                "'(' at line 3, column 5 is never closed", "an operator is missing before 'y'");
    }

    /** Token soups drawn at random are programs, or have problems, or are too large, and always mean the same. */
    @Test
    void meansTheSameEachTime() {
        List<String> words = List.of("f(u) = ", "f(", ")", ",", "u", "x", "i", "h = ", "for i in 0:3", "0:i", ":", "\n", "\n  ", ";", "x[",
                "]", "[", "+", "*", "-", "2", "1.5", "u=", "(", "$", "sum(", "axis=", "'t'", "...", "<", "^", ".T", "pi", "stack([",
                "# c\r\n",
                "concatenate(", "true");
        Random random = new Random(11);
        int programs = 0;
        for (int round = 0; round < 20_000; round++) {
            String text = IntStream.range(0, 1 + random.nextInt(9)).mapToObj(_ -> words.get(random.nextInt(words.size())))
                    .collect(Collectors.joining());
            String first;
            try {
                SyntaxTree tree = Parser.parse(text, 10);
                first = meaning(tree);
                assertThat(meaning(tree)).as(text).isEqualTo(first);
            } catch (LimitException e) {
                first = e.limit();
            } catch (RuntimeException e) {
                throw new AssertionError(text, e);
            }
            programs += first.startsWith("[") ? 1 : 0;
        }
        assertThat(programs).isGreaterThan(500);
    }

    private static String meaning(SyntaxTree tree) {
        try {
            NamedGraph program = Evaluator.evaluate(tree, Given.named(Set.of("x")), Allowance.nodes(100)).program();
            return nodes(program) + program.outputId() + program.aliases();
        } catch (ProblemException e) {
            return "problems " + e.problems();
        } catch (LimitException e) {
            return "limit " + e.getMessage();
        }
    }

    @Test
    void evaluatesOneTreeInManyThreads() {
        SyntaxTree tree = Parser.parse("f(u) = u * w\nh = x\nfor i in 0:20: h = f(h) + [i, 1][0]", 100);
        String expected = meaning(tree);
        assertThat(IntStream.range(0, 64).parallel().mapToObj(_ -> meaning(tree))).allMatch(expected::equals);
    }
}
