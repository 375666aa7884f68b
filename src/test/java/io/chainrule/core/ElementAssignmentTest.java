package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Assignments to elements of an array have NumPy's values, which its own release 2.4 worked out, and gradients go through them. */
class ElementAssignmentTest {
    private static final Map<String, Tensor> INPUTS = Map.of("X", Tensor.matrix(new double[]{1, -2, 3}, new double[]{-4, 5, -6}),
            "v", Tensor.vector(7, 8, 9), "w", Tensor.vector(10, 20), "y", Tensor.vector(2, 0), "i", Tensor.vector(0, 1, 0),
            "H", Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6}, new double[]{7, 8, 9}));
    private static final Shapes SHAPES = Shapes.of("X", 2, 3, "v", 3, "w", 2, "y", 2, "i", 3, "H", 3, 3);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            d[X <= 0] = 0                        | [[2, 0, 6], [0, 10, 0]]
            d[X <= 0] *= 10                      | [[2, -40, 6], [-80, 10, -120]]
            d[X[:, 0] > 0] = v                   | [[7, 8, 9], [-8, 10, -12]]
            d[X > 0] = v[0] * v[1]               | [[56, -4, 56], [-8, 56, -12]]
            d[X > 0] = X[X > 0] * 2 + 1          | [[3, -4, 7], [-8, 11, -12]]
            d[not (X > 0)] -= X[not (X > 0)]     | [[2, -2, 6], [-4, 10, -6]]
            d[0] = v                             | [[7, 8, 9], [-8, 10, -12]]
            d[0] = v[None]                       | [[7, 8, 9], [-8, 10, -12]]
            d[-1] += v                           | [[2, -4, 6], [-1, 18, -3]]
            d[:, 1] -= w                         | [[2, -14, 6], [-8, -10, -12]]
            d[:, ::2] /= w[:, None]              | [[0.2, -4, 0.6], [-0.4, 10, -0.6]]
            d[0, -1] **= 2                       | [[2, -4, 36], [-8, 10, -12]]
            d[..., 1] = 4                        | [[2, 4, 6], [-8, 4, -12]]
            d[:] = v                             | [[7, 8, 9], [7, 8, 9]]
            d[np.arange(2), y] -= 1              | [[2, -4, 5], [-9, 10, -12]]
            d[range(2), y] = w                   | [[2, -4, 10], [20, 10, -12]]
            d[[0, 1, 0]] = H                     | [[7, 8, 9], [4, 5, 6]]
            d[i] += H                            | [[9, 4, 15], [-4, 15, -6]]
            d[i] *= 3                            | [[6, -12, 18], [-24, 30, -36]]
            d[i, [2, 2, 2]] = v                  | [[2, -4, 9], [-8, 10, 8]]
            d[i, [2, -1, 2]] += v                | [[2, -4, 15], [-8, 10, -4]]
            d[:, y] = w                          | [[20, -4, 10], [20, 10, 10]]
            d[1, i] -= v                         | [[2, -4, 6], [-17, 2, -12]]
            d[1:, i] = v                         | [[2, -4, 6], [9, 8, -12]]
            """)
    void haveTheValuesOfNumPyAndGradients(String statement, String expected) {
        String text = "d = 2 * X\n" + statement + "\n";
        assertThat(value(text + "d").shape()).isEqualTo(Objects.requireNonNull(INPUTS.get("X")).shape());
        assertThat(value(text + "max(abs(d - " + expected + "))").item()).isLessThan(1e-12);
        String scalar = text + "f = sum(d^2 * [[1, 2, 3], [4, 5, 6]]) + 0 * (sum(v) + sum(w) + sum(y) + sum(i) + sum(H))";
        CheckReport report = Program.parse(scalar).check(1, "X", "v", "w", "H").compile(SHAPES).call(INPUTS);
        assertThat(report.passed()).as(report.toString()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            d = zeros((2, 3))⏎for k in range(2):⏎  d[k] = X[k] * w[k]⏎d[0, 0]             | 10
            d = X * 1⏎e = d.copy()⏎e[0] = 0⏎d[0, 0] + e[0, 1]                           | 1
            p = X * 2⏎d = p⏎d[0] -= 1⏎d /= 2⏎d[0, 0]                                    | 0.5
            def f(u):⏎  r = u * 2⏎  r[0] = 5⏎  return r⏎f(X)[0, 0] + X[0, 0]             | 6
            d = X[0] * 1⏎d[y[1]] = 7⏎d[0] + d[1]                                        | 5
            """)
    void makeANewValueOfTheName(String text, double expected) {
        assertThat(value(text.replace('⏎', '\n')).item()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"',
            textBlock = """
                    d = X * 1⏎d[2] = 0                              | 2:2 | index: index 2 is out of range for axis 0 of shape [2, 3]
                    d = sum(X)⏎d[y[0]] = 0                          | 2:2 | index: too many indices: [:] for shape []
                    d = w * 1⏎d[0, y] = 0                           | 2:2 | index: too many indices: [0, :] for shape [2]
                    d = X * 1⏎d[np.arange(2), y + 1] = 0            | 2:2 | one_hot: index 3 is out of range for axis 1, which has length 3
                    d = X * 1⏎d[v > 0] = 0                          | 2:2 | a mask of shape [3] selects no elements of d of shape [2, 3]
                    d = X * 1⏎d[0] = w                              | 2:2 | a value of shape [2] does not broadcast to d[0] of shape [3]
                    d = X * 1⏎d[X > 0] = mean(X[X > 0])             | 2:2 | what a mask selects is assigned after another operation than elementwise ones
                    d = X * 1⏎d[0][1] = 2                           | 2:5 | elements are assigned by one index
                    d = X * 1⏎d[:, None] = 2                        | 2:2 | the elements that are assigned have a new axis
                    p = X * 1⏎d = p⏎d[0] = 1⏎p + d                  | 4:1 | in NumPy 'p' may mean the array that is changed in place at line 3, column 1
                    d = X * 1⏎r = d[0]⏎r *= 2⏎d                     | 4:1 | in NumPy 'd' may mean the array that is changed in place at line 3, column 1
                    def f(u):⏎  u[0] = 1⏎  return u⏎f(X * 2)         | 2:3 | in NumPy u[0] = changes an array in place, and other names may mean the same array here
                    """)
    void areRefusedWhereNumPyWouldDoSomethingElse(String text, String position, String message) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> value(text.replace('⏎', '\n')));
        assertThat(refused.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo(message);
            assertThat(problem.line() + ":" + problem.column()).isEqualTo(position);
        });
    }

    private static Tensor value(String text) {
        return Program.parse(text).value().compile(SHAPES).call(INPUTS).value();
    }
}
