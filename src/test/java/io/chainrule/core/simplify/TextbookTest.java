package io.chainrule.core.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.autodiff.RandomProgramsTest;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Derivatives as a textbook prints them, and where these are the derivatives. */
class TextbookTest {
    /** Each line reads the one before it twice, so that a walk through all paths would not end. */
    private static final String LONG = IntStream.range(0, 24).mapToObj(_ -> "u = u * sin(u)\n").collect(Collectors.joining()) + "sum(u)";
    private static final double[] EDGES = {0, -0.0, 1, -1, 0.5, 2, -3, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN};

    @ParameterizedTest
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            function | wrt | shapes | derivative | domain
            x * log(x) | x | x: | log(x) + 1 | x != 0, isfinite(x)
            tanh(x) | x | x: | 1 - tanh(x)^2 |
            tanh(x) * cosh(x) | x | x: | 1 / cosh(x) + tanh(x) * sinh(x) | isfinite(cosh(x))
            sigmoid(x) | x | x: | sigmoid(x) * (1 - sigmoid(x)) |
            log_sigmoid(x) | x | x: | 1 - sigmoid(x) |
            silu(x) | x | x: | x * sigmoid(x) * (1 - sigmoid(x)) + sigmoid(x) |
            x * sqrt(x) | x | x: | 1.5 * sqrt(x) | x != 0, isfinite(x)
            x^x | x | x: | x^x * (log(x) + 1) | x != 0, isfinite(x)
            1 / x * x | x | x: | 0 | x != 0, isfinite(x)
            log(x / y) | x | x: y: | 1 / x | y != 0, isfinite(y)
            asin(x) | x | x: | 1 / sqrt(1 - x^2) |
            acosh(x) | x | x: | 1 / sqrt(x^2 - 1) | x - 1 >= 0, 1 + x >= 0
            atanh(x) | x | x: | 1 / (1 - x^2) |
            asinh(x) | x | x: | 1 / sqrt(x^2 + 1) |
            hypot(x, y) | x | x: y: | x / hypot(x, y) | hypot(x, y) != 0
            logaddexp(x, y) | x | x: y: | sigmoid(x - y) | isfinite(x)
            norm(x) | x | x:3 | x / norm(x) | norm(x) != 0
            norm(W @ x)^2 | x | x:3 W:2,3 | 2 * W.T @ (W @ x) | norm(W @ x) != 0, isfinite(norm(W @ x))
            sum((W @ x)^2) | x | x:3 W:2,3 | 2 * W.T @ (W @ x) |
            sum(tanh(W @ x)) | x | x:3 W:2,3 | W.T @ (1 - tanh(W @ x)^2) |
            sum((x - mean(x))^2) | x | x:3 | 2 * (x - mean(x)) |
            var(x) | x | x:3 | x - mean(x) |
            mse_loss(x, y) | x | x:3 y:3 | 2 * (x - y) / 3 |
            cross_entropy(x, y, reduction='sum') | x | x:4 y:4 | softmax(x) * sum(y) - y | isfinite(y), isfinite(x)
            cross_entropy(x, 1) | x | x:4 | softmax(x) - one_hot(1, num_classes=4) | isfinite(x)
            cross_entropy(x, y) | x | x:2,4 y:2 | (softmax(x) - one_hot(y, num_classes=4)) / 2 | y != -100, isfinite(x)
            -log(softmax(x)[1]) | x | x:4 | softmax(x) - one_hot(1, num_classes=4) | isfinite(x), softmax(x)[1] != 0
            -log_softmax(x)[1] | x | x:4 | softmax(x) - one_hot(1, num_classes=4) | isfinite(x)
            -sum(y * log(softmax(x))) | x | x:4 y:4 | softmax(x) * sum(y) - y | softmax(x) != 0, isfinite(x)
            logsumexp(x) - dot(y, x) | x | x:4 y:4 | softmax(x) - y |
            binary_cross_entropy_with_logits(x, y) | x | x:3 y:3 | (sigmoid(x) - y) / 3 | isfinite(y), isfinite(x)
            -y * log(sigmoid(x)) - (1 - y) * log(1 - sigmoid(x)) | x | x: y: | sigmoid(x) - y | \
            sigmoid(x) != 0, isfinite(x), 1 - sigmoid(x) != 0, isfinite(y)
            relu(x) | x | x: | where(x > 0, 1, 0) |
            2 * x + 2 * y | x | x: y: | 2 |
            x^3 + 2 * x^2 | x | x: | 3 * x^2 + 4 * x |
            log(cos(x)) | x | x: | -tan(x) |
            log(sin(x) * cos(x)) | x | x: | cos(x) / sin(x) - sin(x) / cos(x) | cos(x) != 0, isfinite(x), sin(x) != 0
            log(cosh(x)) | x | x: | tanh(x) | isfinite(x)
            asin(x) * sqrt(1 - x^2) | x | x: | 1 - x * asin(x) / sqrt(1 - x^2) | 1 - x^2 != 0, isfinite(x), 1 - x^2 >= 0
            sum(x[::-1] * y) | x | x:3 y:3 | y[::-1] |
            sum(x[:, ::-1] * y) | x | x:2,3 y:2,3 | y[:, ::-1] |
            sum(x[1:] * y) | x | x:3 y:2 | index_transpose(y, shape=[3], at=[['1:']]) |
            x[1] | x | x:3 | one_hot(1, num_classes=3) |
            x[-1] * y | x | x:3 y: | y * one_hot(2, num_classes=3) | isfinite(y)
            x[0] * x[1] | x | x:3 | index_transpose(x[1], x[0], shape=[3], at=[[0], [1]]) |
            x[0, 1] | x | x:3,2 | index_transpose(1, shape=[3, 2], at=[[0, 1]]) |
            sum(x[0]) | x | x:3,2 | index_transpose(ones(shape=[2]), shape=[3, 2], at=[[0]]) |
            sum(x[1:2]) | x | x:3 | index_transpose(ones(shape=[1]), shape=[3], at=[['1:2']]) |
            log(x[0]) | x | x:3 | one_hot(0, num_classes=3) / x[0] | isfinite(x), x[0] != 0
            relu(x) * log(x) | x | x: | where(x > 0, log(x), 0) + relu(x) / x | isfinite(x), x != 0
            binary_cross_entropy(x, y) | x | x: y: | (x - y) / (x * (1 - x)) | \
            log1p(-x) > -100, isfinite(x), 1 - x != 0, log(x) > -100, x != 0, isfinite(y)
            cross_entropy(x, y, ignore_index=2) | x | x:2,4 y:2 | (softmax(x) - one_hot(y, num_classes=4)) / 2 | y != 2, isfinite(x)
            cross_entropy(x, 2, ignore_index=1) | x | x:4 | softmax(x) - one_hot(2, num_classes=4) | isfinite(x)
            cross_entropy(x, 1, ignore_index=1) | x | x:4 | zeros(shape=[4]) |
            nll_loss(x, y, reduction='none') | x | x:2,4 y:2 | -one_hot(y, num_classes=4) | y != -100
            i = reshape(class_index(y, num_classes=4), shape=[2, 1])⏎sum(take_along_axis(x, i)^2) | x | x:2,4 y:2 | \
            2 * x * one_hot(y, num_classes=4) | isfinite(x)
            i = reshape(class_index(y, num_classes=4), shape=[2, 1])⏎-sum(log(take_along_axis(x, i, axis=1))) | x | x:2,4 y:2 | \
            -one_hot(y, num_classes=4) / x | isfinite(x), x != 0
            i = reshape(class_index(y, num_classes=4), shape=[2, 1])⏎sum(z * take_along_axis(x, i)) | x | x:2,4 y:2 z:2,1 | \
            z * one_hot(y, num_classes=4) | isfinite(z)
            i = broadcast_to(class_index(2, num_classes=4), shape=[1])⏎sum(take_along_axis(x, i, axis=0)^2) | x | x:4 | \
            2 * x * one_hot(2, num_classes=4) | isfinite(x)
            i = reshape(class_index(y, num_classes=4), shape=[1, 2])⏎sum(take_along_axis(x, i, axis=0)) | x | x:4,2 y:2 | \
            take_along_axis_transpose(reshape(class_index(y, num_classes=4), shape=[1, 2]), ones(shape=[1, 2]), length=4, axis=0) |
            i = reshape(y, shape=[2, 1])⏎sum(take_along_axis(x, i)) | x | x:2,4 y:2 | \
            take_along_axis_transpose(reshape(y, shape=[2, 1]), ones(shape=[2, 1]), length=4) |
            i = reshape(class_index(y, num_classes=4), shape=[2, 2])⏎sum(take_along_axis(x, i)) | x | x:2,4 y:4 | \
            take_along_axis_transpose(reshape(class_index(y, num_classes=4), shape=[2, 2]), ones(shape=[2, 2]), length=4) |
            i = broadcast_to(class_index(y, num_classes=4), shape=[2, 1])⏎sum(take_along_axis(x, i)) | x | x:2,4 y: | \
            take_along_axis_transpose(broadcast_to(class_index(y, num_classes=4), shape=[2, 1]), ones(shape=[2, 1]), length=4) |
            """)
    void isWrittenAsInATextbook(String function, String wrt, String shapes, String derivative, String domain) {
        Textbook textbook = Derivatives.of(Derivatives.parse(function.replace('⏎', '\n'), Derivatives.shapes(shapes)), wrt).textbook();
        assertThat(Derivatives.print(textbook.graph())).isEqualTo(derivative.replace('⏎', '\n'));
        assertThat(conditions(textbook)).isEqualTo(Objects.requireNonNullElse(domain, ""));
    }

    /** Rules, and cases where they must not hold. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            program | shapes | textbook | domain
            x / x | x: | 1 | x != 0, isfinite(x)
            x / x^2 | x: | 1 / x | x != 0, isfinite(x)
            x^3 / x^3 | x: | 1 | x != 0, isfinite(x)
            y * x^3 / x | x: y: | y * x^2 | x != 0, isfinite(x)
            2 * x / x | x: | 2 | x != 0, isfinite(x)
            x * A / x | x: A:2,2 | A | x != 0, isfinite(x)
            exp(x) / exp(x) | x: | 1 | isfinite(exp(x))
            sin(y) * (1 + x)^2 * cos(y) / (1 + x) | x: y: | sin(y) * (1 + x) * cos(y) | 1 + x != 0, isfinite(x)
            x / sqrt(x) | x: | sqrt(x) | x != 0, isfinite(x)
            sqrt(x) / x | x: | 1 / sqrt(x) | x != 0, isfinite(x)
            x^2 / sqrt(x) | x: | x * sqrt(x) | x != 0, isfinite(x)
            sqrt(x) / x^2 | x: | 1 / (x * sqrt(x)) | x != 0, isfinite(x)
            sqrt(x) / sqrt(x) | x: | 1 | x != 0, isfinite(x), x >= 0
            x * sqrt(x) / sqrt(x) | x: | x | x != 0, isfinite(x), x >= 0
            1 / (x * sqrt(x)) | x: | 1 / (x * sqrt(x)) |
            y * sqrt(1 - x^2) * sqrt((1 - x) * (1 + x)) | x: y: | y * (1 - x^2) | 1 - x^2 >= 0
            1 / (sqrt(1 - x^2) * sqrt((1 - x) * (1 + x))) | x: | 1 / (1 - x^2) | 1 - x^2 >= 0
            (1 - x^2) / (sqrt(1 - x^2) * sqrt((1 - x) * (1 + x))) | x: | 1 | 1 - x^2 != 0, isfinite(x), 1 - x^2 >= 0
            x^2.5 / x | x: | x^2.5 / x |
            x^-2 / x | x: | x^-2 / x |
            a * b * c * d * e * f * g * h * i * j * x / x | a: b: c: d: e: f: g: h: i: j: x: | \
            a * b * c * d * e * f * g * h * i * j | x != 0, isfinite(x)
            a * b * c * d * e * f * g * h * i * j * k * x / x | a: b: c: d: e: f: g: h: i: j: k: x: | \
            a * b * c * d * e * f * g * h * i * j * k * x / x |
            0 * x | x: | 0 | isfinite(x)
            0 * log(x) | x: | 0 | isfinite(log(x))
            0 * x / y | x: y: | 0 | isfinite(x), y != 0, isfinite(y)
            1 / cosh(x)^2 | x: | 1 - tanh(x)^2 |
            1 / cosh(x)^4 | x: | (1 - tanh(x)^2)^2 |
            1 / cosh(x)^3 | x: | 1 / cosh(x)^3 |
            1 / cosh(x)^-2 | x: | 1 / cosh(x)^-2 |
            1 / sinh(x)^2 | x: | 1 / sinh(x)^2 |
            y / (z * cosh(x)^2) | x: y: z: | y * (1 - tanh(x)^2) / z |
            sinh(x) / cosh(x) | x: | tanh(x) | isfinite(x)
            sinh(x) / cosh(y) | x: y: | sinh(x) / cosh(y) |
            sin(x) * sin(y) / (cos(y) * cos(x)) | x: y: | tan(x) * tan(y) |
            cos(x) / sin(x) | x: | cos(x) / sin(x) |
            sign(x) / abs(x) | x: | 1 / x | x != 0, isfinite(x)
            cofactor(A) / det(A) | A:3,3 | inv(A).T | det(A) != 0, isfinite(det(A))
            cofactor(A) / det(B) | A:3,3 B:3,3 | cofactor(A) / det(B) |
            (x - y) * (x + y) | x: y: | x^2 - y^2 |
            (x - y) * (y + x) | x: y: | x^2 - y^2 |
            (y + z) * (x + y) * (x - y) | x: y: z: | (y + z) * (x^2 - y^2) |
            (x - y) * (x + z) | x: y: z: | (x - y) * (x + z) |
            (x - y) * (z + x) | x: y: z: | (x - y) * (z + x) |
            (x - y) * (z + y) | x: y: z: | (x - y) * (z + y) |
            (x - y) * (y + z) | x: y: z: | (x - y) * (y + z) |
            (3 - x) * (3 + x) | x: | 9 - x^2 |
            (3 - x) * (x + 3) | x: | 9 - x^2 |
            (x - 3) * (3 + x) | x: | x^2 - 9 |
            (x - 2) * (y - 2) * (x + 2) | x: y: | (x^2 - 4) * (y - 2) |
            (3 - x) * (1 + x) | x: | (3 - x) * (1 + x) |
            (3 - x) * (3 + y) | x: y: | (3 - x) * (3 + y) |
            1 / (z * (x - y) * (x + y)) | x: y: z: | 1 / (z * (x^2 - y^2)) |
            sin(x) * (x - y) * cos(y) * (x + y) | x: y: | sin(x) * (x^2 - y^2) * cos(y) |
            sqrt(x - y) * sqrt(x + y) | x: y: | sqrt(x^2 - y^2) | x - y >= 0, x + y >= 0
            sqrt(x - y) * sqrt(x + z) | x: y: z: | sqrt(x - y) * sqrt(x + z) |
            sqrt(x) * sqrt(x + y) | x: y: | sqrt(x) * sqrt(x + y) |
            n * y * x * x^(n - 1) | n: x: y: | n * y * x^n | x != 0, isfinite(x), isfinite(n)
            x * x^(n - 2) | x: n: | x * x^(n - 2) |
            x * x^(n + 1) | x: n: | x * x^(n + 1) |
            y * x^(n - 1) | x: y: n: | y * x^(n - 1) |
            one_hot(1, num_classes=3) * x / x[1] | x:3 | one_hot(1, num_classes=3) | isfinite(x), x[1] != 0
            one_hot(1, num_classes=3) * y * x / x[1] | x:3 y:3 | y * one_hot(1, num_classes=3) | isfinite(x), x[1] != 0
            one_hot(1, num_classes=3) * x / x[2] | x:3 | x * one_hot(1, num_classes=3) / x[2] |
            one_hot(1, num_classes=3) * y / x[1] | x:3 y:3 | y * one_hot(1, num_classes=3) / x[1] |
            exp(broadcast_to(0, shape=[3])) | x: | ones(shape=[3]) |
            exp(broadcast_to(x, shape=[3])) | x: | exp(broadcast_to(x, shape=[3])) |
            sigmoid(-x) | x: | 1 - sigmoid(x) |
            sigmoid(-2 * x) | x: | sigmoid(-2 * x) |
            exp(log_softmax(x, axis=0)) | x:3,2 | softmax(x, axis=0) |
            expm1(log_softmax(x)) | x:3 | softmax(x) - 1 |
            expm1(x) | x: | expm1(x) |
            isfinite(x + y) | x:3 y: | ones(shape=[3]) | isfinite(x), isfinite(y)
            stop_gradient(sin(x)) | x: | sin(x) |
            hypot(x, 1) | x: | sqrt(x^2 + 1) |
            hypot(x, 2) | x: | hypot(x, 2) |
            sum(one_hot(label, num_classes=3)) | label: | 1 |
            sum(one_hot(label, num_classes=3), axis=1) | label:2 | ones(shape=[2]) |
            sum(one_hot(label, num_classes=3), axis=-1, keepdims=true) | label:2 | ones(shape=[2, 1]) |
            sum(one_hot(label, num_classes=3), axis=0) | label:2 | sum(one_hot(label, num_classes=3), axis=[0]) |
            sum(one_hot(label, num_classes=3)) | label:2 | sum(one_hot(label, num_classes=3)) |
            sum(one_hot(2, num_classes=3)) | x: | 1 |
            sum(one_hot(1, num_classes=3) * x) | x:3 | x[1] | isfinite(x)
            sum(one_hot(1, num_classes=3) * x) | x:2,3 | sum(x * one_hot(1, num_classes=3)) |
            sum(one_hot(1, num_classes=3) * x, axis=1) | x:2,3 | sum(x * one_hot(1, num_classes=3), axis=[1]) |
            sum(one_hot(label, num_classes=3) * x) | x:3 label: | sum(x * one_hot(label, num_classes=3)) |
            sum(one_hot(1, num_classes=3) + x) | x:3 | sum(one_hot(1, num_classes=3) + x) |
            sum(x * y) | x:3 y:3 | sum(x * y) |
            x[::-1][::-1] | x:3 | x |
            x[..., ::-1][..., ::-1] | x:3,2 | x |
            x[::-1, :][::-1, :] | x:3,2 | x |
            x[::-1, :][:, ::-1] | x:3,2 | x[::-1, :][:, ::-1] |
            (x[::-1] + y)[::-1] | x:3 y:3 | (x[::-1] + y)[::-1] |
            x[1:][1:] | x:3 | x[1:][1:] |
            x[:][:] | x:3 | x[:][:] |
            (x^2)^3 | x: | x^6 |
            (x^0.5)^2 | x: | (x^0.5)^2 |
            (x^2)^0.5 | x: | (x^2)^0.5 |
            (x^-2)^2 | x: | (x^-2)^2 |
            (x^2)^-2 | x: | (x^2)^-2 |
            (x^2)^n | x: n: | (x^2)^n |
            (x^n)^2 | x: n: | (x^n)^2 |
            inv(A, strict=false) | A:3,3 | inv(A) | det(A) != 0
            inv(A) | A:3,3 | inv(A) |
            (A @ B).T | A:2,3 B:3,4 | (A @ B).T |
            (A.T @ B).T | A:3,2 B:3,4 | B.T @ A |
            (A @ B.T).T | A:2,3 B:4,3 | B @ A.T |
            ((A + C) @ B.T).T | A:2,3 B:4,3 C:2,3 | ((A + C) @ B.T).T |
            (A.T @ sin(B)).T | A:3,2 B:3,4 | (A.T @ sin(B)).T |
            (A.T @ x).T | x:3 A:3,2,5 | (A.T @ x).T |
            (x @ B.T).T | x:3 B:4,3,5 | (x @ B.T).T |
            transpose(A.T @ B, axes=[0, 1]) | A:3,2 B:3,4 | transpose(A.T @ B, axes=[0, 1]) |
            where(broadcast_to(0, shape=[3]), x, y) | x:3 y: | broadcast_to(y, shape=[3]) |
            where(broadcast_to(1, shape=[3]), x, y) | x: y:3 | broadcast_to(x, shape=[3]) |
            where(broadcast_to(c, shape=[3]), x, y) | c: x:3 y:3 | where(c, x, y) |
            where(x == 0, 0, y / x) | x: y: | y / x | x != 0
            where(x == 0, broadcast_to(0, shape=[3]), y / x) | x: y:3 | y / x | x != 0
            where(x == 0, broadcast_to(0, shape=[3]), y / x) | x: y: | where(x == 0, zeros(shape=[3]), y / x) |
            where(x == 0, 0, y / z) | x: y: z: | where(x == 0, 0, y / z) |
            where(x == 1, 0, y / x) | x: y: | where(x == 1, 0, y / x) |
            where(x == 0, 1, y / x) | x: y: | where(x == 0, 1, y / x) |
            where(x == 0, broadcast_to(1, shape=[3]), y / x) | x: y:3 | where(x == 0, 1, y / x) |
            where(x == 0, broadcast_to(z, shape=[3]), y / x) | x: y: z: | where(x == 0, broadcast_to(z, shape=[3]), y / x) |
            where(x == 0, z, y / x) | x: y: z: | where(x == 0, z, y / x) |
            where(x > 0, 0, y / x) | x: y: | where(x > 0, 0, y / x) |
            where(log(x) > -100, 1 / x, 0) | x: | 1 / x | log(x) > -100
            where(log1p(x) > -100, 1 / x, 0) | x: | 1 / x | log1p(x) > -100
            where(exp(x) > -100, 1 / x, 0) | x: | where(exp(x) > -100, 1 / x, 0) |
            where(log(x) > -10, 1 / x, 0) | x: | where(log(x) > -10, 1 / x, 0) |
            where(log(x) >= -100, 1 / x, 0) | x: | where(log(x) >= -100, 1 / x, 0) |
            where(log(x) > -100, 1 / x, 1) | x: | where(log(x) > -100, 1 / x, 1) |
            where(log(x) > -100, y, 0) | x:3 y: | where(log(x) > -100, y, 0) |
            where(log(x) > -100, 1 / x, where(log(x) == -100, 0.5, 0)) | x: | 1 / x | log(x) > -100
            where(log(x) > -100, 1 / x, where(log(y) == -100, 0.5, 0)) | x: y: | \
            where(log(x) > -100, 1 / x, where(log(y) == -100, 0.5, 0)) |
            where(log(x) > -100, 1 / x, where(log(x) > -200, 0.5, 0)) | x: | \
            where(log(x) > -100, 1 / x, where(log(x) > -200, 0.5, 0)) |
            where(log(x) > -100, 1 / x, exp(log(x) == -100)) | x: | where(log(x) > -100, 1 / x, exp(log(x) == -100)) |
            class_index(label, num_classes=4, ignore_index=3) + (label == 3) | label: | \
            class_index(label, num_classes=4, ignore_index=3) | label != 3
            class_index(label, num_classes=4, ignore_index=3) + (label == 2) | label: | \
            class_index(label, num_classes=4, ignore_index=3) + (label == 2) |
            class_index(label, num_classes=4, ignore_index=3) + (x == 3) | label: x: | \
            class_index(label, num_classes=4, ignore_index=3) + (x == 3) |
            class_index(label, num_classes=4, ignore_index=3) + (label == x) | label: x: | \
            class_index(label, num_classes=4, ignore_index=3) + (label == x) |
            class_index(label, num_classes=4) + (label == 3) | label: | class_index(label, num_classes=4) + (label == 3) |
            """)
    void writesShorterOnADomain(String text, String shapes, String form, String domain) {
        NamedGraph program = Derivatives.parse(text, Derivatives.shapes(shapes));
        Textbook textbook = Simplifier.textbook(program.graph(), program.output(), Integer.MAX_VALUE, 0, Allowance.UNBOUNDED);
        assertThat(Derivatives.print(textbook.graph())).isEqualTo(form);
        assertThat(conditions(textbook)).isEqualTo(Objects.requireNonNullElse(domain, ""));
        Random random = new Random(3);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Derivatives.shapes(shapes).forEach((id, shape) -> {
            inputs.put(id, Tensor.zeros(shape));
            Arrays.setAll(inputs.get(id).data(), i -> id.equals("label") ? i : random.nextDouble(0.1, 1));
        });
        if (isInside(textbook, inputs)) {
            assertClose(Derivatives.value(textbook.graph(), textbook.graph().size() - 1, inputs),
                    Derivatives.value(program.graph(), program.output(), inputs), text);
        }
    }

    private static boolean isInside(Textbook textbook, Map<String, Tensor> inputs) {
        return textbook.domain().stream().allMatch(
                condition -> DoubleStream.of(Derivatives.value(condition, condition.size() - 1, inputs).data()).allMatch(x -> x != 0));
    }

    private static String conditions(Textbook textbook) {
        return textbook.domain().stream().map(Derivatives::print).collect(Collectors.joining(", "));
    }

    static Stream<String> selections() {
        return Stream.of("sum(u * take_along_axis(q, i, axis=0))", "sum(u * take_along_axis(w, i, axis=1))", "sum(exp(u))", LONG);
    }

    /** What labels select along another axis, or from arrays of other shapes, or in long expressions. */
    @ParameterizedTest
    @MethodSource("selections")
    void whatLabelsSelect(String output) {
        Map<String, Tensor> inputs = Map.of("z", Tensor.matrix(new double[]{0.1, 0.2, 0.3}, new double[]{1, -1, 0.5}), "q",
                Tensor.matrix(new double[]{5}, new double[]{7}), "w", Tensor.matrix(new double[]{1, 2, 3, 4}, new double[]{5, 6, 7, 8}),
                "labels", Tensor.vector(1, 0));
        Derivatives.Derivative derivative = Derivatives.of(
                Derivatives.parse("i = reshape(class_index(labels, num_classes=2), [2, 1])\nu = take_along_axis(z, i, axis=1)\n" + output,
                        Derivatives.shapes(inputs)),
                "z");
        Graph textbook = derivative.textbook().graph();
        Graph stable = derivative.simplified();
        assertClose(Derivatives.value(textbook, textbook.size() - 1, inputs), Derivatives.value(stable, stable.size() - 1, inputs),
                Derivatives.print(textbook));
    }

    static Stream<OpCase> cases() {
        return OpCase.all().filter(one -> !one.shapes().isEmpty());
    }

    static Stream<OpCases> ops() {
        return OpCases.of(cases());
    }

    @ParameterizedTest
    @MethodSource("ops")
    void isTheStableFormOnItsDomain(OpCases cases) {
        cases.each(one -> verify(one.function(), one.operands(3), one.definition().name()));
    }

    /** Zeros, infinities, NaN and kinks, which the domain has to leave out where they make a difference. */
    @Tag("long")
    @ParameterizedTest
    @MethodSource("ops")
    void theDomainLeavesOutWhatDiffers(OpCases cases) {
        cases.each(one -> {
            Random random = new Random(5);
            for (int round = 0; round < 6 && one.isElementwise(); round++) {
                List<Tensor> values = new ArrayList<>();
                for (Shape shape : one.shapes()) {
                    Tensor value = Tensor.zeros(shape);
                    Arrays.setAll(value.data(), _ -> EDGES[random.nextInt(EDGES.length)]);
                    values.add(value);
                }
                verify(one.function(), values, one.definition().name());
            }
        });
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("io.chainrule.core.autodiff.RandomProgramsTest#seeds")
    void ofGraphsDrawnAtRandom(long seed) {
        Random random = new Random(seed);
        GraphFunction function = RandomProgramsTest.program(seed);
        verify(function, function.inputShapes().stream().map(shape -> random(shape, random)).toList(), "graph " + seed);
    }

    @Tag("long")
    @Test
    void theDomainHoldsAlmostEverywhere() {
        long outside = cases().filter(one -> !verify(one.function(), one.operands(3), one.definition().name())).count();
        assertThat(outside).isLessThan(15);
    }

    /** Compares both forms of each gradient where the domain holds; false if it does not hold for one of them. */
    private static boolean verify(GraphFunction function, List<Tensor> values, String name) {
        Random random = new Random(1);
        GraphFunction gradient = function.vjp();
        List<Tensor> given = new ArrayList<>(values);
        function.outputShapes().forEach(shape -> given.add(random(shape, random)));
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int k = 0; k < given.size(); k++) {
            inputs.put(((Leaf.Input) gradient.graph().op(gradient.inputs()[k])).id(), given.get(k));
        }
        boolean holds = true;
        for (int output : gradient.outputs()) {
            Graph stable = Simplifier.simplify(gradient.graph(), output, function.graph().size(), Allowance.UNBOUNDED);
            Textbook textbook = Simplifier.textbook(gradient.graph(), output, function.graph().size(), Allowance.UNBOUNDED);
            String text = name + ": " + Derivatives.print(textbook.graph()) + " [" + conditions(textbook) + "] for "
                    + Derivatives.print(stable);
            NamedGraph again = Derivatives.parse(Derivatives.print(textbook.graph()), Derivatives.shapes(inputs));
            assertThat(ExpressionPrinter.print(again)).isEqualTo(Derivatives.print(textbook.graph()));
            boolean isInside = isInside(textbook, inputs);
            holds &= isInside;
            if (isInside) {
                assertClose(Derivatives.value(again.graph(), again.output(), inputs),
                        Derivatives.value(stable, stable.size() - 1, inputs), text + " at " + values);
            }
        }
        return holds;
    }

    private static Tensor random(Shape shape, Random random) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> random.nextDouble(-1, 1));
        return tensor;
    }

    private static void assertClose(Tensor actual, Tensor expected, String text) {
        assertThat(actual.shape()).as(text).isEqualTo(expected.shape());
        double scale = 1 + Arrays.stream(expected.data()).filter(Double::isFinite).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length(); i++) {
            double a = actual.data()[i];
            double e = expected.data()[i];
            assertThat(a == e || Double.isNaN(a) && Double.isNaN(e) || Math.abs(a - e) <= 1e-9 * scale)
                    .as("%s: element %d of %s instead of %s", text, i, actual, expected).isTrue();
        }
    }
}
