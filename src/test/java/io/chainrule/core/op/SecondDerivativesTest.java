package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * First and second derivatives of elementwise ops over whole domains, against references which reference/make.py computes. Errors are
 * in units of the last place of the derivative, or of the largest term that it is a sum of.
 */
class SecondDerivativesTest {
    private static final double MOST_OF_FIRST = 4;
    private static final double MOST_OF_SECOND = 8;
    private static final List<String> NAMES = List.of("x", "y");

    @ParameterizedTest(name = "{0} at {1}")
    @CsvFileSource(resources = "/reference/seconds.csv", numLinesToSkip = 1)
    void right_to_the_last_digits(String call, String operands, String first, String second, @Nullable String ofFirst,
            @Nullable String ofSecond) {
        double[] x = Arrays.stream(operands.split(";")).mapToDouble(Double::parseDouble).toArray();
        int n = x.length;
        SequencedMap<String, Shape> inputs = new LinkedHashMap<>();
        NAMES.subList(0, n).forEach(name -> inputs.put(name, Shape.SCALAR));
        GraphFunction function = GraphFunction.of(call, inputs);
        GraphFunction gradient = function.vjp();
        GraphFunction forward = gradient.jvp();
        GraphFunction backward = gradient.vjp();
        List<Tensor> firsts = gradient.run(scalars(x, 1));
        for (int k = 0; k < n; k++) {
            assertRight("by operand " + k, firsts.get(k), first.split(" ", -1)[k], ofFirst, MOST_OF_FIRST);
            double[] unit = new double[n];
            unit[k] = 1;
            List<Tensor> column = forward.run(concat(scalars(x, 1), scalars(unit, 0)));
            List<Tensor> row = backward.run(concat(scalars(x, 1), Arrays.stream(unit).mapToObj(Tensor::scalar).toList()));
            for (int m = 0; m < n; m++) {
                String what = "by operands " + k + " and " + m;
                String exact = second.split(" ", -1)[k * n + m];
                assertRight(what + ", forward", column.get(m), exact, ofSecond, MOST_OF_SECOND);
                assertRight(what + ", backward", row.get(m), exact, ofSecond, MOST_OF_SECOND);
            }
        }
    }

    /** The operands, and behind them the cotangent of the value, or its tangent. */
    private static List<Tensor> scalars(double[] x, double last) {
        return IntStream.rangeClosed(0, x.length).mapToObj(k -> Tensor.scalar(k < x.length ? x[k] : last)).toList();
    }

    private static List<Tensor> concat(List<Tensor> a, List<Tensor> b) {
        List<Tensor> all = new ArrayList<>(a);
        all.addAll(b);
        return all;
    }

    private static void assertRight(String what, Tensor computed, String exact, @Nullable String term, double most) {
        double actual = computed.data()[0];
        double expected = Double.parseDouble(exact);
        if (!Double.isFinite(expected) || !Double.isFinite(actual)) {
            assertThat(actual).as(what).isEqualTo(expected);
            return;
        }
        double unit = Math.ulp(Math.max(Math.abs(expected), term == null ? 0 : Double.parseDouble(term)));
        double error = new BigDecimal(actual).subtract(new BigDecimal(exact)).abs().divide(new BigDecimal(unit), MathContext.DECIMAL64)
                .doubleValue();
        assertThat(error).as("error in ulp of %s, %s, which is %s", actual, what, exact).isLessThanOrEqualTo(most);
    }
}
