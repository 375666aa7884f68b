package io.chainrule.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {
    private static final int MAX = Integer.MAX_VALUE;

    private static Shape shape(@Nullable String dims) {
        return dims == null ? Shape.SCALAR : Shape.of(Arrays.stream(dims.split(" ")).mapToInt(Integer::parseInt).toArray());
    }

    @ParameterizedTest
    @CsvSource({"2 3,3,2 3", "2 3,2 1,2 3", "2 1,1 3,2 3", "2 3,,2 3", ",2 3,2 3", ",,", "4 1 3,2 1,4 2 3", "0 3,1,0 3", "0,1,0", "1,0,0",
            "2 0,2 1,2 0",
            "1 1,1,1 1", "5,5,5"})
    void broadcasting_stretches_lengths_of_1(@Nullable String a, @Nullable String b, @Nullable String result) {
        assertThat(shape(a).broadcast(shape(b))).isEqualTo(shape(result));
        assertThat(shape(b).broadcast(shape(a))).isEqualTo(shape(result));
    }

    @ParameterizedTest
    @CsvSource({"2 3,2", "2 3,3 3", "0,2", "2 0 3,2 1", "3 2 1,4 1 1"})
    void broadcasting_refuses_other_lengths(String a, String b) {
        assertThatThrownBy(() -> shape(a).broadcast(shape(b))).isInstanceOf(ShapeException.class)
                .hasMessageContaining(shape(a) + " and " + shape(b) + " do not broadcast");
    }

    @ParameterizedTest
    @CsvSource({"3,2 3,true", ",2 3,true", "2 1,2 3,true", "1,0,true", "2 3,3,false", "2,2 3,false", "3,1,false", "0,1,false",
            "1 3,3,false"})
    void stretching_goes_one_way(@Nullable String from, String to, boolean fits) {
        assertThat(shape(from).broadcastsTo(shape(to))).isEqualTo(fits);
    }

    @Test
    void sizes_are_products_and_saturate() {
        assertThat(Shape.SCALAR.size()).isEqualTo(1);
        assertThat(Shape.of(2, 3, 4).size()).isEqualTo(24);
        assertThat(Shape.of(2, 0, MAX, MAX, MAX).size()).isZero();
        assertThat(Shape.of(MAX).size()).isEqualTo(MAX);
        assertThat(Shape.of(MAX, 2).size()).isGreaterThan(MAX);
        assertThat(Shape.of(MAX, MAX, MAX, MAX, MAX).size()).isGreaterThan(MAX);
        assertThat(Shape.of(65536, 65536, 65536, 65536).size()).isGreaterThan(MAX);
        assertThat(Shape.of(46341, 46341).size()).isEqualTo(46341L * 46341);
        assertThatThrownBy(Shape.of(MAX)::length).isInstanceOf(ShapeException.class)
                .hasMessageContaining("more elements than an array can hold");
    }

    @Test
    void axes_count_from_either_end() {
        Shape shape = Shape.of(2, 3, 4);
        assertThat(shape.axis(-1)).isEqualTo(2);
        assertThat(shape.axis(0)).isZero();
        assertThat(shape.axes(0, -1)).containsExactly(true, false, true);
        assertThat(shape.reduced(shape.axes(0, -1), false)).isEqualTo(Shape.of(3));
        assertThat(shape.reduced(shape.axes(0, -1), true)).isEqualTo(Shape.of(1, 3, 1));
        assertThatThrownBy(() -> shape.axis(3)).isInstanceOfSatisfying(ShapeException.class, e -> {
            assertThat(e.expected()).isEqualTo("an axis from -3 to 2");
            assertThat(e.actual()).isEqualTo("3");
        });
        assertThatThrownBy(() -> shape.axis(-4)).hasMessageContaining("axis -4 is out of range for shape [2, 3, 4]");
        assertThatThrownBy(() -> Shape.SCALAR.axis(0)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> shape.axes(1, -2)).hasMessageContaining("axis -2 is named twice");
    }

    @Test
    void parts_are_put_together() {
        Shape shape = Shape.of(2, 3, 4);
        assertThat(shape.with(1, 7)).isEqualTo(Shape.of(2, 7, 4));
        assertThat(shape.inserted(0, 5)).isEqualTo(Shape.of(5, 2, 3, 4));
        assertThat(shape.inserted(3, 5)).isEqualTo(Shape.of(2, 3, 4, 5));
        assertThat(shape.sub(1, 3).concat(Shape.of(9))).isEqualTo(Shape.of(3, 4, 9));
        assertThat(shape.sub(1, 1)).isSameAs(Shape.SCALAR);
        assertThat(shape).hasToString("[2, 3, 4]").isNotEqualTo(Shape.of(2, 12)).hasSameHashCodeAs(Shape.of(List.of(2, 3, 4)));
        assertThat(shape.last()).isEqualTo(4);
    }

    @Test
    void a_shape_does_not_change() {
        int[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertThat(shape).isEqualTo(Shape.of(2, 3));
        assertThatThrownBy(() -> Shape.of(2, -1)).isInstanceOf(ShapeException.class).hasMessageContaining("no negative length");
    }

    @Test
    void strides_step_over_later_axes_and_stand_still_where_stretched() {
        assertThat(Strides.of(Shape.of(2, 3, 4))).containsExactly(12, 4, 1);
        assertThat(Strides.of(Shape.SCALAR)).isEmpty();
        assertThat(Strides.broadcast(Shape.of(3, 1), Shape.of(2, 3, 4))).containsExactly(0, 1, 0);
    }

    @Test
    void a_tensor_has_as_many_numbers_as_its_shape_says() {
        assertThat(Tensor.matrix(new double[]{1, 2}, new double[]{3, 4})).isEqualTo(Tensor.of(Shape.of(2, 2), 1, 2, 3, 4));
        assertThat(Tensor.full(Shape.of(0, 2), 1)).isEqualTo(Tensor.zeros(Shape.of(0, 2))).isNotEqualTo(Tensor.zeros(Shape.of(2, 0)));
        assertThat(Tensor.scalar(Double.NaN)).isEqualTo(Tensor.scalar(Double.NaN)).isNotEqualTo(Tensor.vector(Double.NaN));
        assertThat(Tensor.scalar(0.0)).isNotEqualTo(Tensor.scalar(-0.0));
        assertThat(Tensor.vector(1, Double.NEGATIVE_INFINITY).isFinite()).isFalse();
        assertThat(Tensor.vector(7).item()).isEqualTo(7);
        assertThat(Tensor.zeros(Shape.of(17))).hasToString("[17][0.0, …]");
        assertThatThrownBy(() -> Tensor.of(Shape.of(2), 1)).hasMessage("shape [2] needs 2 numbers, there are 1");
        assertThatThrownBy(() -> Tensor.vector(1, 2).item()).hasMessage("one element is needed, there are 2");
        assertThatThrownBy(() -> Tensor.matrix(new double[]{1, 2}, new double[]{3})).isInstanceOf(ShapeException.class);
    }
}
