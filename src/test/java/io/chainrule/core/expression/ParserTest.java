package io.chainrule.core.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a text says, whatever its names mean. */
class ParserTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            x                            | x
            a + b * c                    | (+ a (* b c))
            (a + b) * c                  | (* (group (+ a b)) c)
            a ^ b ^ c                    | (^ a (^ b c))
            a ** -b * c                  | (* (** a (- b)) c)
            -2 * x                       | (* (- 2) x)
            -2^x                         | (- (^ 2 x))
            +a < --b                     | (< (+ a) (- (- b)))
            W.T @ x                      | (@ (.T W) x)
            (x + 1).shape                | (.shape (group (+ x 1)))
            [1, [x, 2], []]              | (list 1 (list x 2) (list))
            nosuchop(x, y + 1,)          | (call nosuchop x (+ y 1))
            np.linalg.norm(x)            | (call np.linalg.norm x)
            sum(x, axis=[0, -1], k='t')  | (call sum x (axis= (list 0 (- 1))) (k= 't'))
            sum(x, k=i + 1 / 2)          | (call sum x (k= (+ i (/ 1 2))))
            f()                          | (call f)
            x[0, 1:3, ::-1, ..., i + 1]  | (index x 0 (slice 1 3) (slice _ _ (- 1)) ... (+ i 1))
            x[(1 + 2) * -3][:]           | (index (index x (* (group (+ 1 2)) (- 3))) (slice _ _))
            """)
    void makesATreeOfAnExpression(String text, String tree) {
        SyntaxTree parsed = Parser.parse(text, 100);
        assertThat(parsed.problems()).isEmpty();
        assertThat(statements(parsed)).containsExactly(tree);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            a = 1; b = a⏎a * b                     | a = 1; b = a; (* a b)
            f(u, v,) = u * v⏎f(x, v=y + 1)         | f(u, v):; return (* u v); end; (call f x (v= (+ y 1)))
            for i in 0:9⏎  h = h * i⏎h             | for i in 0 9; h = (* h i); end; h
            for i in 9:n+1:-1:⏎  for j in 0:i: x⏎y | for i in 9 (+ n 1) (- 1); for j in 0 i; x; end; end; y
            for i in 0:9                           | for i in 0 9 without a body
            """)
    void makesATreeOfAProgram(String text, String statements) {
        assertThat(String.join("; ", statements(Parser.parse(text.replace('⏎', '\n'), 100)))).isEqualTo(statements);
    }

    @Test
    void knowsWhereEachNodeStands() {
        SyntaxTree tree = Parser.parse("q = W @ x\r\n𝑓 = sum(q ^ 2, axis=0)\n  + q[0].T", 100);
        assertThat(IntStream.range(0, tree.size()).mapToObj(node -> tree.kind(node) + " " + place(tree, node))).containsExactly("NAME 1:5",
                "NAME 1:9", "INFIX 1:7", "CALLEE 2:5", "ARGUMENT 2:9", "NAME 2:9", "NUMBER 2:13", "INFIX 2:11", "KEYWORD 2:16",
                "NUMBER 2:21", "CALL 2:5",
                "NAME 3:5", "INDEX 3:6", "NUMBER 3:7", "SUBSCRIPT 3:6", "MEMBER 3:9", "PLUS 3:3");
    }

    private static String place(SyntaxTree tree, int node) {
        Problem.Position position = tree.tokens().position(tree.token(node));
        return position.line() + ":" + position.column();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            a = tanhh(x) + * y⏎b = a  | a = (call tanhh x) …; b = a   | 1:16
            f(u) = u *⏎f(x)           | f(u):; return u …; end; (call f x) | 1:11
            x[1, 2                    | x 1 2 …                       | 1:2
            for i in 0:n x⏎  y = i    | for i in 0 n …; y = i; end    | 1:14
            x $⏎(y))⏎z                | x …; (group y) …; z           | 1:3, 2:4
            """)
    void keepsABrokenStatementAsFarAsItCanBeRead(String text, String statements, String places) {
        SyntaxTree tree = Parser.parse(text.replace('⏎', '\n'), 100);
        assertThat(String.join("; ", statements(tree))).isEqualTo(statements);
        assertThat(tree.problems().stream().map(problem -> problem.line() + ":" + problem.column()).collect(Collectors.joining(", ")))
                .isEqualTo(places);
        assertThatExceptionOfType(ProblemException.class).isThrownBy(tree::throwIfBroken);
    }

    @Test
    void stopsAtAHundredMistakes() {
        assertThat(Parser.parse("x +\n".repeat(200), 100).problems()).hasSize(100);
    }

    @Test
    void limitsNesting() {
        Parser.parse("((x))", 2).throwIfBroken();
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> Parser.parse("((x))", 1))
                .satisfies(e -> assertThat(e.limit()).isEqualTo("nesting"));
    }

    /** The statements in a line each: expressions as operator and operands, … where one breaks off. */
    static List<String> statements(SyntaxTree tree) {
        return tree.statements().stream().map(statement -> switch (statement) {
            case Statement.Evaluation(int _, String name, Statement.Expression value, int update) ->
                (name == null ? "" : name + (update == 0 ? " = " : " " + tree.tokens().text(update) + " ")) + expression(tree, value);
            case Statement.Unpacking unpacking -> unpacking.names().stream().map(tree.tokens()::text).collect(Collectors.joining(", "))
                    + " = " + unpacking.expressions().stream().map(value -> expression(tree, value)).collect(Collectors.joining(", "));
            case Statement.Definition definition -> definition.name() + "(" + String.join(", ", definition.names()) + "):";
            case Statement.Return(int _, Statement.Expression value) -> "return " + expression(tree, value);
            case Statement.EndOfDefinition _ -> "end";
            case Statement.Ignored(int _, String message) -> "ignored " + message;
            case Statement.Loop loop ->
                "for " + loop.variables().stream().map(tree.tokens()::text).collect(Collectors.joining(", ")) + " in "
                        + expression(tree, loop.bounds()) + (loop.hasBody() ? "" : " without a body");
            case Statement.EndOfLoop _,Statement.EndOfBranch _ -> "end";
            case Statement.Branch(int token, Statement.Expression condition, boolean _, int _) ->
                tree.tokens().text(token) + (condition == null ? "" : " " + expression(tree, condition));
            case Statement.Jump(int token, boolean _) -> tree.tokens().text(token);
            case Statement.Misplaced(Problem problem) -> problem.message();
        }).toList();
    }

    private static String expression(SyntaxTree tree, Statement.Expression expression) {
        List<String> stack = new ArrayList<>();
        Tokens tokens = tree.tokens();
        for (int node = expression.first(); node < expression.end(); node++) {
            String text = tokens.text(tree.token(node));
            int extent = tree.extent(node);
            switch (tree.kind(node)) {
                case NUMBER, NAME, TEXT, ELLIPSIS -> stack.add(text);
                case PLUS, MINUS, ROOT, NOT -> fold(stack, text, 1);
                case GROUP -> fold(stack, "group", 1);
                case ABS, NORM -> fold(stack, tree.kind(node).name() + (extent == 0 ? "" : tokens.text(extent)), 1);
                case SUPERSCRIPT -> fold(stack, "raise" + text, 1);
                case INFIX -> {
                    fold(stack, text, 2);
                    if (extent == 1) {
                        stack.add("again");
                    }
                }
                case AND, OR -> fold(stack, text, 2);
                case PRODUCT -> fold(stack, "product", 2);
                case CHAIN -> fold(stack, "chain", extent);
                case CONDITIONAL -> fold(stack, "if", 3);
                case MEMBER -> fold(stack, "." + tokens.text(extent), 1);
                case ITEMS -> fold(stack, "list", extent);
                case CALLEE -> stack.add(tokens.text(tree.token(node), extent));
                case KEYWORD -> stack.add(text + "=");
                case CALL -> {
                    for (int i = stack.size() - 2; i >= 0; i--) {
                        if (stack.get(i).endsWith("=")) {
                            stack.set(i, "(" + stack.get(i) + " " + stack.remove(i + 1) + ")");
                        }
                    }
                    fold(stack, "call", extent + 1);
                }
                case ABSENT -> stack.add("_");
                case SLICE -> fold(stack, "slice", extent);
                case SUBSCRIPT -> fold(stack, "index", extent + 1);
                case METHOD -> stack.add("." + text);
                case FOR, FILTER -> stack.add("for " + text);
                case GRADIENT -> fold(stack, "gradient", 1);
                case ASSIGNMENT -> fold(stack, text, 2);
                case LIST, INDEX, TARGET, ARGUMENT, EACH -> {
                    // Only begins what another node ends.
                }
            }
        }
        return Stream.concat(stack.stream(), expression.problem() == null ? Stream.empty() : Stream.of("…"))
                .collect(Collectors.joining(" "));
    }

    private static void fold(List<String> stack, String head, int operands) {
        List<String> top = stack.subList(stack.size() - operands, stack.size());
        String folded = Stream.concat(Stream.of(head), top.stream()).collect(Collectors.joining(" ", "(", ")"));
        top.clear();
        stack.add(folded);
    }
}
