package io.chainrule.core.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Derivatives;
import io.chainrule.core.graph.NamedGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Well known derivatives as a textbook writes them. */
class DerivativeTextTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            function | wrt | shapes | derivative
            x^3 | x | x: | 3 * x^2
            x^2 | x | x: | 2 * x
            x * x | x | x: | 2 * x
            x * x * x | x | x: | 3 * x^2
            x | x | x: | 1
            5 * x | x | x: | 5
            x^1 | x | x: | 1
            x^n | x | x: n: | n * x^(n - 1)
            x^n | n | x: n: | x^n * log(x)
            2^x | x | x: | 0.6931471805599453 * 2^x
            e^x | x | x: | e^x
            x^-2 | x | x: | -2 * x^-3
            x^0.5 | x | x: | 0.5 * x^-0.5
            x^3 + 2 * x^2 + 5 * x + 1 | x | x: | 3 * x^2 + 4 * x + 5
            x^2 - 3 * x | x | x: | 2 * x - 3
            sin(x) | x | x: | cos(x)
            cos(x) | x | x: | -sin(x)
            tan(x) | x | x: | 1 + tan(x)^2
            sin(x)^2 | x | x: | 2 * sin(x) * cos(x)
            sin(x^2) | x | x: | 2 * x * cos(x^2)
            sin(a * x + b) | x | x: a: b: | a * cos(a * x + b)
            exp(x) | x | x: | exp(x)
            exp(2 * x) | x | x: | 2 * exp(2 * x)
            exp(-x^2 / 2) | x | x: | -x * exp(-x^2 / 2)
            exp(sin(x)) | x | x: | exp(sin(x)) * cos(x)
            log(x) | x | x: | 1 / x
            log(x^2 + 1) | x | x: | 2 * x / (x^2 + 1)
            log(sin(x)) | x | x: | cos(x) / sin(x)
            x * log(x) | x | x: | x / x + log(x)
            log(log(x)) | x | x: | 1 / (x * log(x))
            sin(log(x)) | x | x: | cos(log(x)) / x
            tanh(x) | x | x: | 1 / cosh(x)^2
            sigmoid(x) | x | x: | sigmoid(x) * sigmoid(-x)
            atan(x) | x | x: | 1 / (1 + x^2)
            asin(x) | x | x: | 1 / sqrt((1 - x) * (1 + x))
            asinh(x) | x | x: | 1 / hypot(x, 1)
            sqrt(x) | x | x: | 0.5 / sqrt(x)
            sqrt(x^2 + y^2) | x | x: y: | x / sqrt(x^2 + y^2)
            x * sqrt(x) | x | x: | 0.5 * x / sqrt(x) + sqrt(x)
            cbrt(x) | x | x: | 1 / (3 * cbrt(x)^2)
            abs(x) | x | x: | sign(x)
            relu(x) | x | x: | where(x > 0, 1, 0)
            softplus(x) | x | x: | sigmoid(x)
            silu(x) | x | x: | x * sigmoid(x) * sigmoid(-x) + sigmoid(x)
            erf(x) | x | x: | 1.1283791670955126 * exp(-x^2)
            maximum(x, y) | x | x: y: | where(x > y, 1, where(x == y, 0.5, 0))
            x * y | x | x: y: | y
            x / y | x | x: y: | 1 / y
            x / y | y | x: y: | -x / y^2
            1 / x | x | x: | -1 / x^2
            1 / (1 + x) | x | x: | -1 / (1 + x)^2
            x / (1 + x^2) | x | x: | add_1 = 1 + x^2⏎1 / add_1 - 2 * x^2 / add_1^2
            1 / (1 + exp(-x)) | x | x: | exp(-x) / (1 + exp(-x))^2
            x * exp(x) | x | x: | x * exp(x) + exp(x)
            (x + y)^2 | x | x: y: | 2 * (x + y)
            (1 - x)^2 + 100 * (y - x^2)^2 | x | x: y: | -2 * (1 - x) - 400 * x * (y - x^2)
            (1 - x)^2 + 100 * (y - x^2)^2 | y | x: y: | 200 * (y - x^2)
            dot(a, x) | x | x:3 a:3 | a
            dot(x, x) | x | x:3 | 2 * x
            sum(x) | x | x:3 | ones(shape=[3])
            mean(x) | x | x:4 | full(shape=[4], value=0.25)
            mean(x) | x | x:3 | ones(shape=[3]) / 3
            mean(x^2) | x | x:3 | 2 * x / 3
            mean((x - y)^2) | x | x:3 y:3 | 2 * (x - y) / 3
            sum(x^2) | x | x:3 | 2 * x
            sum(x) * y | x | x:3 y: | broadcast_to(y, shape=[3])
            sum(a * x) | x | x:3 a:3 | a
            sum((W @ x)^2) | x | x:3 W:2,3 | 2 * (W.T @ (W @ x))
            sum((W @ x)^2) | W | x:3 W:2,3 | 2 * outer(W @ x, x)
            sum((W @ x - b)^2) | x | x:3 W:2,3 b:2 | 2 * (W.T @ (W @ x - b))
            a @ W @ b | W | a:2 W:2,3 b:3 | outer(a, b)
            x @ A @ x | x | x:3 A:3,3 | A @ x + x @ A
            x.T @ A @ x | x | x:3 A:3,3 | A @ x + x @ A
            einsum(A, B, equation='ij,ij->') | A | A:2,3 B:2,3 | B
            einsum(A, B, equation='ij,jk->') | A | A:2,3 B:3,2 | broadcast_to(sum(B, axis=[1]), shape=[2, 3])
            b @ solve(A, b) | A | A:3,3 b:3 | -outer(solve(A.T, b), solve(A, b))
            b @ solve(A, b) | b | A:3,3 b:3 | solve(A.T, b) + solve(A, b)
            log(det(A)) | A | A:3,3 | cofactor(A) / det(A)
            var(x) | x | x:4 | 2 * (x - sum(x) / 4) / 3
            sum(var(x, axis=1)) | x | x:2,3 | x - sum(x, axis=[1], keepdims=true) / 3
            mean(x^2) - mean(x)^2 | x | x:3 | 2 * x / 3 - 2 * sum(x) / 9
            sum((x - mean(x))^2) | x | x:3 | 2 * (x - sum(x) / 3)
            norm(x) | x | x:3 | where(norm(x) == 0, 0, x / norm(x))
            trace(A @ B) | A | A:3,3 B:3,3 | B.T
            trace(A) | A | A:3,3 | eye(n=3)
            3 * trace(A) | A | A:3,3 | 3 * eye(n=3)
            s * trace(A) | A | s: A:2,2 | \
            reshape(index_transpose(broadcast_to(s, shape=[2]), shape=[4], at=[['...', '::3']]), shape=[2, 2])
            sum(diagonal(A) * v) | A | A:3,3 v:3 | reshape(index_transpose(v, shape=[9], at=[['...', '0:9:4']]), shape=[3, 3])
            sum(reshape(A, shape=[9])[0:3]) | A | A:3,3 | reshape(index_transpose(ones(shape=[3]), shape=[9], at=[['0:3']]), shape=[3, 3])
            sum(reshape(A, shape=[8])[..., ::3]) | A | A:2,4 | \
            reshape(index_transpose(ones(shape=[3]), shape=[8], at=[['...', '::3']]), shape=[2, 4])
            sum(log(1 + exp(x))) | x | x:3 | exp(x) / (1 + exp(x))
            sum(exp(x)) | x | x:3 | exp(x)
            logsumexp(x) | x | x:3 | softmax(x)
            sum(logsumexp(x, axis=1)) | x | x:2,3 | softmax(x)
            sum(sigmoid(W @ x)) | x | x:3 W:2,3 | matmul_1 = W @ x⏎W.T @ (sigmoid(matmul_1) * sigmoid(-matmul_1))
            sqrt(sum(x^2)) | x | x:3 | x / sqrt(sum(x^2))
            x[0] * x[1] | x | x:3 | index_transpose(x[1], x[0], shape=[3], at=[[0], [1]])
            max(x) | x | x:3 | eq_1 = x == max(x)⏎where(eq_1, 1 / sum(eq_1), 0)
            det(A) | A | A:3,3 | cofactor(A)
            logdet(A) | A | A:3,3 | inv(A, strict=false).T
            sum(w * logdet(A)) | A | A:3,2,2 w:3 | reshape(w, shape=[3, 1, 1]) * transpose(inv(A, strict=false), axes=[0, 2, 1])
            sum(where(x > 0, sqrt(x), 0)) | x | x:3 | where(x > 0, 0.5 / sqrt(x), 0)
            q = x * y⏎sin(q) * q | x | x: y: | mul_1 = x * y⏎y * (mul_1 * cos(mul_1) + sin(mul_1))
            """)
    void isWrittenAsAPersonWould(String function, String wrt, String shapes, String derivative) {
        NamedGraph program = Derivatives.parse(function.replace('⏎', '\n'), Derivatives.shapes(shapes));
        String text = Derivatives.print(Derivatives.of(program, wrt).simplified());
        assertThat(text).isEqualTo(derivative.replace('⏎', '\n'));
    }
}
