package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Source;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.reduction.Moments.Order;
import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.rows.RowPolicy.OnResult;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reductions over rows are exact, and have the same bytes for every order and partition of the rows. */
class RowReductionTest {
    private static final int ROWS = 3000;

    private static RowFunction function(Derivatives derivatives) {
        return RowFunction.of(new RowProgram(new Source.Text("z = dot(w, x) + b\np = sigmoid(z)\nf = softplus(z) - y * z + log(y)"), null,
                derivatives,
                List.of("w", "b"), List.of("p"), List.of(new RowInput.Vector("x", List.of("u", "v", "w")), new RowInput.Scalar("y", "y")),
                Map.of("w", Tensor.vector(0.5, -1e-3, 40), "b", Tensor.scalar(0.1)), 0), BuildLimits.GENEROUS);
    }

    /** Numbers of many sizes; some cells are no numbers, and some rows have an infinite value. */
    private static List<String[]> rows() {
        Random random = new Random(51);
        return IntStream.range(0, ROWS).mapToObj(i -> new String[]{Double.toString(random.nextGaussian()),
                Double.toString(Math.scalb(random.nextGaussian(), random.nextInt(120) - 60)),
                i % 101 == 0 ? "?" : Double.toString(random.nextGaussian()),
                i % 97 == 0 ? "0" : "1"}).toList();
    }

    private record Part(RowReduction reduction, RowTally tally) {}

    /** Reduces rows, by their numbers. */
    private static Part reduced(RowFunction function, List<String[]> rows, List<Integer> numbers, Order order) {
        RowReduction reduction = new RowReduction(function.quantities(), order);
        RowRun run = function.start("", new RowPolicy(OnCell.SKIP, OnResult.SKIP), reduction, Parallel.NONE);
        for (int number : numbers) {
            run.begin(number);
            for (int column = 0; column < 4; column++) {
                run.cell(column, rows.get(number)[column]);
            }
            assertThat(run.end()).isTrue();
        }
        run.finish();
        return new Part(reduction, run.tally());
    }

    @ParameterizedTest
    @EnumSource
    void no_order_and_no_partition_changes_a_byte(Derivatives derivatives) {
        RowFunction function = function(derivatives);
        List<String[]> rows = rows();
        List<Integer> all = IntStream.range(0, ROWS).boxed().toList();
        Part whole = reduced(function, rows, all, Order.SECOND);
        assertThat(whole.reduction.count()).isEqualTo(whole.tally.used()).isBetween(2900L, 2950L);
        Random random = new Random(52);
        for (int parts : new int[]{1, 2, 7, 100}) {
            List<Integer> shuffled = new ArrayList<>(all);
            Collections.shuffle(shuffled, random);
            List<Part> reduced = new ArrayList<>();
            int from = 0;
            for (int part = 0; part < parts; part++) {
                int end = part == parts - 1 ? ROWS : from + random.nextInt(1 + 2 * ROWS / parts);
                reduced.add(reduced(function, rows, shuffled.subList(from, Math.min(end, ROWS)), Order.SECOND));
                from = Math.min(end, ROWS);
            }
            while (reduced.size() > 1) {
                Part into = reduced.remove(random.nextInt(reduced.size()));
                Part added = reduced.remove(random.nextInt(reduced.size()));
                into.reduction.add(RowReduction.of(function.quantities(), added.reduction.toBytes()));
                into.tally.add(added.tally);
                reduced.add(into);
            }
            assertThat(reduced.getFirst().reduction.toBytes()).as("%s parts", parts).isEqualTo(whole.reduction.toBytes());
            assertThat(reduced.getFirst().tally.rows()).isEqualTo(ROWS);
            assertThat(reduced.getFirst().tally.toBytes()).isEqualTo(whole.tally.toBytes());
        }
    }

    /** Against the values of single rows, added with as many digits as it takes. */
    @Test
    void results_are_the_exact_ones_of_the_rows_rounded_once() {
        RowFunction function = function(Derivatives.GRADIENT);
        List<String[]> rows = rows();
        Rows found = Rows.of(function, new RowPolicy(OnCell.SKIP, OnResult.SKIP), rows);
        RowReduction reduction = reduced(function, rows, IntStream.range(0, ROWS).boxed().toList(), Order.SECOND).reduction();
        assertThat(reduction.quantities()).isEqualTo(function.quantities());
        BigDecimal n = BigDecimal.valueOf(found.results().size());
        for (int k = 0; k < reduction.moments().size(); k++) {
            Moments moments = reduction.moments().get(k);
            for (int i = 0; i < moments.shape().length(); i++) {
                BigDecimal sum = BigDecimal.ZERO;
                BigDecimal squares = BigDecimal.ZERO;
                for (List<Tensor> row : found.results().values()) {
                    BigDecimal value = new BigDecimal(row.get(k).data()[i]);
                    sum = sum.add(value);
                    squares = squares.add(value.pow(2));
                }
                assertThat(moments.sum().data()[i]).isEqualTo(sum.doubleValue());
                assertThat(moments.mean().data()[i]).isEqualTo(sum.divide(n, new MathContext(1000)).doubleValue());
                assertThat(moments.variance(1).data()[i]).isEqualTo(squares.multiply(n).subtract(sum.pow(2))
                        .divide(n.multiply(n.subtract(BigDecimal.ONE)), new MathContext(1000)).doubleValue());
            }
        }
    }

    @Test
    void memory_is_known_before() {
        RowFunction function = function(Derivatives.HESSIAN);
        for (Order order : Order.values()) {
            RowReduction reduction = reduced(function, rows(), List.of(1, 2, 3, 4), order).reduction();
            assertThat(reduction.bytes()).isPositive().isLessThan(RowReduction.mostBytes(function.quantities(), order));
        }
    }

    @Test
    void reductions_of_other_quantities_and_other_bytes_are_refused() {
        List<RowQuantity> quantities = List.of(new RowQuantity(RowQuantity.Kind.VALUE, "f", null, Shape.SCALAR));
        List<RowQuantity> others = List.of(new RowQuantity(RowQuantity.Kind.VALUE, "f", null, Shape.of(2)));
        RowReduction reduction = new RowReduction(quantities, Order.FIRST);
        byte[] bytes = reduction.toBytes();
        byte[] otherVersion = bytes.clone();
        otherVersion[3]++;
        assertThat(RowReduction.of(quantities, bytes).toBytes()).isEqualTo(bytes);
        assertThatIllegalArgumentException().isThrownBy(() -> reduction.add(new RowReduction(others, Order.FIRST)))
                .withMessageContaining("cannot be added");
        assertThatIllegalArgumentException().isThrownBy(() -> RowReduction.of(others, bytes))
                .withMessageContaining("has shape [2], not []");
        assertThatIllegalArgumentException().isThrownBy(() -> RowReduction.of(List.of(), bytes)).withMessageContaining("1 quantities");
        assertThatIllegalArgumentException().isThrownBy(() -> RowReduction.of(quantities, otherVersion))
                .withMessageContaining("begin with");
        assertThatIllegalArgumentException().isThrownBy(() -> RowReduction.of(quantities, Arrays.copyOf(bytes, bytes.length + 1)))
                .withMessageContaining("after their end");
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatIllegalArgumentException().isThrownBy(() -> RowReduction.of(quantities, part));
        }
    }
}
