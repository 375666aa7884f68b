package io.chainrule.core.expression;

import static io.chainrule.core.expression.Programs.problems;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody is told who made a mistake. */
class ExpressionErrorsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"',
            textBlock = """
                    x +                | 1:4  | a value is missing after '+'                                 |
                    f =                | 1:4  | a value is missing after '='                                 |
                    * x                | 1:1  | a value is missing before '*'                                |
                    x * / y            | 1:5  | a value is missing between '*' and '/'                       |
                    (x + )             | 1:6  | a value is missing between '+' and ')'                       |
                    exp(, x)           | 1:5  | a value is missing between '(' and ','                       | write a value behind '(' at line 1, column 4, or close it
                    ()                 | 1:1  | a statement has one value, and a tuple has several            | [a, b] is an array of them
                    x += 1             | 1:1  | in NumPy x += changes an array in place, and other names may mean the same array here | write a new name = x + …, which makes a new value
                    x + += 1           | 1:5  | a value is missing between '+' and '+='                      |
                    x y                | 1:3  | an operator is missing before 'y'                            | a product is written x * y, a matrix product x @ y
                    x)                 | 1:2  | ')' closes nothing                                           | leave it out, or write the bracket that it closes
                    ] + x              | 1:1  | ']' closes nothing                                           | leave it out, or write the bracket that it closes
                    sum((x + 1)        | 1:4  | '(' at line 1, column 4 is never closed                      |
                    [x, 1              | 1:1  | '[' at line 1, column 1 is never closed                      |
                    x[1:2              | 1:2  | '[' at line 1, column 2 is never closed                      |
                    sum(x, axis=[1     | 1:13 | '[' at line 1, column 13 is never closed                     |
                    (x]                | 1:3  | '(' at line 1, column 1 is closed by ']'                     |
                    sum(x, axis=[0)    | 1:15 | '[' at line 1, column 13 is closed by ')'                    |
                    a, b               | 1:2  | ',' stands outside of a call and of a list                   | a list is written in square brackets, [a, b]; a program has one output
                    (a, b)             | 1:1  | a statement has one value, and a tuple has several            | [a, b] is an array of them
                    a = (b = c)        | 1:8  | '=' binds a name, and only at the start of a statement       | to compare, write '=='
                    x[0] = 1           | 1:2  | the shape of what is assigned is not known before the program runs | give the values of the inputs, or their shapes
                    x[0] = x[1] = 1    | 1:13 | a statement assigns to the elements of one index             | assign to others on a line of their own
                    true = 1           | 1:1  | 'true' is a word of the language; no statement can have this name |
                    1 + for            | 1:5  | 'for' is a word of the language; no input can have this name |
                    f = x + f          | 1:1  | 'f' is an input, read at line 1, column 9; it cannot be bound again | give the result another name
                    x: 1               | 1:2  | ':' belongs in an index, as in x[1:3] or x[..., 0]           | leave ':' out, or put the index in brackets
                    x + 'text'         | 1:5  | a text stands only as the value of an attribute              | write op(x, name='text'), or leave the text out
                    x.shape            | 1:3  | the shape at 'shape' is not known before the program runs    | give the values of the inputs, or their shapes
                    x.grad             | 1:3  | 'grad' means nothing after '.'                               | gradients are in the answer of /v1/gradient, for every node
                    x $ y              | 1:3  | '$' means nothing in an expression                           | leave it out; a formula is written as in Python
                    x' + y             | 1:2  | the text that begins here is never closed                    | the transpose of x is x.T
                    x[]                | 1:3  | an index is a whole number, a slice like 1:3, or ..., not ']' |
                    ([1, 2] + 1).shape[0, 0] | 1:19 | an index is a whole number, a slice like 1:3, or ..., not '[' |
                    a = 1⏎zeros(shape=[len(a)]) | 2:14 | index 0 is out of range; there are 0 axes |
                    x[1.5]             | 1:3  | an index is a whole number, not '1.5'                        |
                    x[4 / 2]           | 1:5  | an index is a whole number, a slice like 1:3, or ..., not '/' |
                    x['a']             | 1:3  | an index is a whole number, a slice like 1:3, or ..., not ''a'' |
                    x[1:...]           | 1:5  | an index is a whole number, a slice like 1:3, or ..., not '...' |
                    sum(x, axis=-'a')  | 1:13 | attribute 'axis' is a number, true, false, 'text' or a list of these, not '-' |
                    sum(x, axis=1 < 2) | 1:15 | attribute 'axis' is a number, true, false, 'text' or a list of these, not '<' |
                    f(u, k) = sum(u, axis=k)⏎f(x, y) | 1:23 | attribute 'axis' is a number, true, false, 'text' or a list of these, and 'k' is none (in f, called at line 2, column 1) |
                    sum(x, axis=y)     | 1:13 | attribute 'axis' is a number, true, false, 'text' or a list of these, not 'y' |
                    sum(axis=0, x)     | 1:13 | an operand stands behind an attribute                        | operands come first, attributes after them
                    sum(x, axis=0 1)   | 1:15 | '1' stands where ',' or ')' is needed                        |
                    f(u, u) = u⏎x      | 1:6  | two parameters are called 'u'                                |
                    f(true) = 1⏎x      | 1:3  | a parameter is a name, not 'true'                            |
                    for(u) = u⏎x       | 1:1  | 'for' is a word of the language; no function can have this name |
                    f(u) = ⏎x          | 1:8  | a value is missing after '='                                 |
                    f(u) = u * ⏎x      | 1:12 | a value is missing after '*'                                 |
                    f(u) = u, u⏎x      | 1:9  | ',' stands outside of a call and of a list                   | a list is written in square brackets, [a, b]; a program has one output
                    f(u) = u)⏎(f(x))   | 1:9  | ')' closes nothing                                           | leave it out, or write the bracket that it closes
                    f(u) = f(u - 1)⏎x  | 1:8  | a function cannot call itself: f → f                         | functions are written out at each call; a loop is written for i in 0:10
                    f(u) = u; f + x    | 1:11 | 'f' is a function, not a value                               | call it, f(…)
                    f(u, v) = u⏎f(u=x, y) | 2:8 | an argument without a name stands behind one with a name   |
                    for i in 0:10      | 1:1  | the loop has no body                                         | indent the statements that are repeated
                    for i in 0:9⏎f = x | 1:1  | the loop has no body                                         | indent the statements that are repeated
                    for i⏎ f = x       | 1:6  | 'in' stands behind the name that a loop counts with, not the end of the line | write for i in range(10)
                    for i in 3⏎ f = x  | 1:11 | a loop runs over a slice; ':' is missing before the end of the line | write for i in range(10)
                    for i in 0:n⏎ f = x | 1:12 | a bound of a loop is a whole number, not 'n'                | write for i in range(10)
                    for i in 0:.5⏎ f = x | 1:12 | a bound of a loop is a whole number, not '.5'             | write for i in range(10)
                    for i in 0:9:0⏎ f = x | 1:14 | the step of a loop is not 0                              |
                    for i in 0:9 f = x | 1:14 | the body of a loop stands on lines of its own, or behind ':' |
                    for true in 0:9: x | 1:5  | 'true' is a word of the language; no loop can count with it  |
                    for i in 0:3⏎  f = x⏎   g = x | 3:4 | this line begins in column 4, the first of the loop's body in column 3 | all lines of a body are indented equally deep
                    for i in 0:3⏎    for j in 0:3⏎        f = i⏎  g = x | 4:3 | this line begins in column 3, the first of the loop's body in column 5 | all lines of a body are indented equally deep
                    for i in 0:3⏎  i = x | 2:3 | 'i' counts the loop around this line; it cannot be bound in it | give the result another name
                    for i in 0:3⏎  for i in 0:2: x | 2:7 | 'i' counts the loop around this line; it cannot be bound in it | give this loop another name
                    f = i; for i in 0:3: x | 1:12 | 'i' is an input, read at line 1, column 5; it cannot be bound again | give the result another name
                    for i in 0:3: h = h + i | 1:15 | 'h' is an input, read at line 1, column 19; it cannot be bound again | give the result another name
                    for i in 0:3: f = x[8 // (1 - i)] | 1:23 | this number is too large, or divided by 0 (for i = 1) |
                    f = x[2147483647 + 1] | 1:18 | the number 2147483648 is too large for an index |
                    """)
    void explainsWhatIsNoExpression(String text, String position, String message, @Nullable String hint) {
        assertOnly(text, ProblemCode.SYNTAX_ERROR, position, message, hint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"',
            textBlock = """
                    f = tanhh(x)           | 1:5  | there is no op 'tanhh'       | did you mean 'tanh'?
                    np.linalg.expp(x)      | 1:1  | there is no np.linalg.expp here | GET /v1/notation/numpy.linalg lists the functions that are read
                    q = x*x; q(2)          | 1:10 | there is no op 'q'           | 'q' is a value; for an element of an array, write q[2]; to multiply, write q * (2)
                    quantum_entangle(x)    | 1:1  | there is no op 'quantum_entangle' | GET /v1/ops lists the ops, and GET /v1/models the models, which are called as ops are; a function of your own is defined before it is called, as quantum_entangle(x) = x^2
                    sigma(u) = u; sigmaa(x) | 1:15 | there is no op 'sigmaa'     | did you mean 'sigma'?
                    f = half(x)⏎half(u) = u / 2 | 1:5 | there is no op 'half'    | it is defined further down, at line 2, column 1; define it before it is called
                    half(u) = u / too(2)⏎x | 1:15 | there is no op 'too'         | GET /v1/ops lists the ops, and GET /v1/models the models, which are called as ops are; a function of your own is defined before it is called, as too(x) = x^2
                    """)
    void hintsAtTheOpThatWasMeant(String text, String position, String message, @Nullable String hint) {
        assertThat(problems(text, "x")).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ProblemCode.UNKNOWN_OP);
            assertThat(position(problem)).isEqualTo(position);
            assertThat(problem.message()).isEqualTo(message);
            assertThat(problem.hint()).isEqualTo(hint);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            1 + exp()                          | WRONG_ARITY   | 1:5
            maximum(x)                         | WRONG_ARITY   | 1:1
            sum(x, axs=0)                      | BAD_ATTRIBUTE | 1:8
            sum(x, axis=0, keepdims=1)         | BAD_ATTRIBUTE | 1:16
            sum(x, axis=0, axis=1)             | BAD_ATTRIBUTE | 1:16
            1 + reshape(x)                     | BAD_ATTRIBUTE | 1:5
            where(condition=1, a=2, b=3)       | WRONG_ARITY, BAD_ATTRIBUTE, BAD_ATTRIBUTE, BAD_ATTRIBUTE | 1:1, 1:7, 1:20, 1:25
            [[1, 2], [3]]                      | SHAPE_MISMATCH | 1:10
            [[1, 2], 3]                        | SHAPE_MISMATCH | 1:10
            [1, [2]]                           | SHAPE_MISMATCH | 1:5
            f(a, b) = a * b⏎y + f(x)           | WRONG_ARITY   | 2:5
            f(a, b) = a * b⏎y + f(x, x, x)     | WRONG_ARITY   | 2:5
            f(a, b) = a * b⏎y + f(x, b=x, a=x) | BAD_ATTRIBUTE | 2:15
            f(a, b) = a * b⏎y + f(x, c=x)      | BAD_ATTRIBUTE | 2:10
            f(a, b) = a * b⏎y + f(x, a=x)      | BAD_ATTRIBUTE | 2:10
            f() = x⏎f(x)                       | WRONG_ARITY   | 2:1
            f(u) = sum(u, axs=1)⏎f(x) + f(x)   | BAD_ATTRIBUTE | 1:15
            f(u) = g(u, u)⏎g(u) = u⏎f(x)       | WRONG_ARITY   | 1:8
            f(u) = g(u)⏎g(u) = f(u)⏎f(x)       | SYNTAX_ERROR  | 2:8
            """)
    void pointsAtTheCallOrTheAttribute(String text, String codes, String positions) {
        assertThat(problems(text).stream().map(Problem::code).map(ProblemCode::name).collect(Collectors.joining(", "))).isEqualTo(codes);
        assertThat(problems(text).stream().map(ExpressionErrorsTest::position).collect(Collectors.joining(", "))).isEqualTo(positions);
    }

    @Test
    void tellsThatAttributesGoByKeywordAndOperandsByPosition() {
        assertThat(problems("scatter_add(x, 0)")).singleElement().extracting(Problem::hint).asString().contains("axis=…");
        assertThat(problems("where(x, x, x, b=3)")).singleElement().extracting(Problem::hint).isEqualTo("operands are given by position");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            # what a broken statement binds is known, and what a broken call makes is no second problem
            q = (x + ; f = q * 2                       | 1:5
            q = tanhh(x)⏎f = exp(q, q + 1)             | 1:5, 2:5
            f = tanhh(x)⏎f = f + 1                     | 1:5
            sigma(u) = u *⏎f = sigma(3) + sigma(x, x)  | 1:15
            for i in 0:3⏎  h = x[i] *⏎⏎  g = h⏎f = +   | 2:13, 5:6
            for i in 0:0⏎  h = x[i] *⏎⏎  g = h⏎f = +   | 2:13, 5:6
            for i in 0:n⏎  h = x[i] *⏎⏎  g = h⏎f = +   | 1:12, 2:13, 5:6
            for i in 0:n: h = x[i] *; g = +⏎f = +      | 1:12, 2:6
            for i in 0:3⏎ for j in 0:3⏎  h = x +⏎f = + | 3:10, 4:6
            f(u) = f(u)⏎g = f(x) + f(x)                | 1:8
            f(u) = g(u)⏎g(u) = f(u)⏎f(x)⏎g(x) + f(x)   | 2:8
            f(u) = u⏎g = f(tanhh(x)) + f()             | 2:7, 2:19
            # one for each statement, wherever the statement goes on
            a = x +⏎b = * x⏎c = x y                    | 1:8, 2:5, 3:7
            a = x $ y; b = x ! y                       | 1:7, 1:18
            a = (x⏎  $ y,⏎  z)⏎b = )                   | 2:3, 4:5
            # a bracket that is left open ends where a new statement begins
            a = sum((x + 1)⏎b = a⏎c = )                | 1:8, 3:5
            a = [x,⏎  y⏎b = (a⏎c = x * b               | 1:5, 3:5
            a = (x; b = x)                             | 1:5, 1:14
            f = maximum(x,⏎  y⏎g = f                   | 1:12
            # a line that is indented deeper goes on
            f = [1, 2⏎     3, 4]⏎g = f x               | 2:6, 3:7
            f = sum(x⏎  axis=0)⏎g = f x                | 2:3, 3:7
            # within one statement, all that is wrong with its calls
            tanhh(x) + sum(x, axs=1) * np.sinn(x)      | 1:1, 1:19, 1:28
            """)
    void reportsEveryMistakeOnce(String text, String positions) {
        assertThat(problems(text).stream().map(ExpressionErrorsTest::position).collect(Collectors.joining(", "))).isEqualTo(positions);
    }

    @Test
    void bindsNoInput() {
        assertThat(problems("x = 3\nf = x", "x")).singleElement().extracting(Problem::message)
                .isEqualTo("'x' is one of the inputs; it cannot be bound again");
    }

    @ParameterizedTest
    @CsvSource({"''", "' '", "# only a comment", ";;"})
    void needsAStatement(String text) {
        assertOnly(text, ProblemCode.MISSING_OUTPUT, "1:1", "the expression has no statement", null);
    }

    @Test
    void stopsAtAHundredProblems() {
        assertThat(problems("x +\n".repeat(200))).hasSize(100);
        assertThat(problems("tanhh(x) + ".repeat(200) + "1")).hasSize(100);
    }

    @Test
    void saysWhatItExpected() {
        assertThat(problems("f = (x]")).singleElement().satisfies(problem -> {
            assertThat(problem.expected()).isEqualTo("')'");
            assertThat(problem.actual()).isEqualTo("']'");
        });
    }

    private static void assertOnly(String text, ProblemCode code, String position, String message, @Nullable String hint) {
        assertThat(problems(text)).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(position(problem)).isEqualTo(position);
            assertThat(problem.message()).isEqualTo(message);
            assertThat(problem.hint()).isEqualTo(hint);
        });
    }

    private static String position(Problem problem) {
        return problem.line() + ":" + problem.column();
    }
}
