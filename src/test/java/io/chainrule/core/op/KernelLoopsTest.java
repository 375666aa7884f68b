package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Elementwise ops compute arrays in other loops than single numbers, with the same bits. */
@Tag("kernel")
class KernelLoopsTest {
    private static final double[] SPECIAL = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1, -1, 0.5, -0.5,
            1.5, 2.5, -2.5, 3, -3, 6, Double.MIN_VALUE, -Double.MIN_VALUE, 1e-310, Double.MAX_VALUE, -Double.MAX_VALUE, 0x1p52 - 0.5,
            0x1p52 + 1, -0x1p51 - 0.5, Math.nextDown(0.5), Math.nextUp(0.5), 710, -746};
    private static final int LENGTH = 1500;

    static Stream<OpCases> cases() {
        Stream<OpCase> slopes = Stream.of(0.0, 1.0, -2.0, Double.MAX_VALUE).map(slope -> of("leaky_relu", "negative_slope", slope));
        Stream<OpCase> alphas = Stream.of("elu", "celu").flatMap(op -> Stream.of(-0.7, 1e-300, 3.0).map(alpha -> of(op, "alpha", alpha)));
        Stream<OpCase> bounds = Stream.of(-0.0, 2.5).flatMap(at -> Stream.of(of("clip", "min", at), of("clip", "max", at)));
        return OpCases.of(Stream.of(OpCase.all().filter(OpCase::isElementwise), slopes, alphas, bounds).flatMap(s -> s));
    }

    private static OpCase of(String op, String attribute, double value) {
        return new OpCase(Objects.requireNonNull(OpCatalogue.find(op)), Map.of(attribute, value), List.of(Shape.of(1)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void have_the_bits_of_the_function(OpCases cases) {
        cases.each(KernelLoopsTest::assertBits);
    }

    private static void assertBits(OpCase one) {
        Elementwise op = (Elementwise) one.op();
        Random random = new Random(one.toString().hashCode());
        double[][] x = new double[3][];
        Arrays.setAll(x, k -> random.doubles(LENGTH, -10, 10)
                .map(v -> random.nextInt(2) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : v).toArray());
        double[] out = new double[LENGTH + 8];
        op.run(Arrays.copyOf(x, op.arity()), new int[op.arity()], ones(op.arity()), out, 5, 0, LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            double expected = op.apply(x[0][i], x[1][i], x[2][i]);
            assertThat(out[5 + i]).as("%s(%s, %s, %s)", op.name(), x[0][i], x[1][i], x[2][i]).isEqualTo(Double.valueOf(expected));
        }
        assertThat(out[4]).isZero();
        assertThat(out[5 + LENGTH]).isZero();
    }

    private static int[] ones(int n) {
        int[] ones = new int[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}
