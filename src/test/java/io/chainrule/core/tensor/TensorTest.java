package io.chainrule.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void whetherAnUnchangingTensorIsFiniteIsFoundOnce() {
        double[] numbers = {1, 2, 3};
        Tensor tensor = Tensor.vector(numbers);
        Tensor unchanging = tensor.unchanging();
        assertThat(unchanging).isEqualTo(tensor);
        assertThat(unchanging.isFinite()).isTrue();
        numbers[1] = Double.NaN;
        assertThat(tensor.isFinite()).as("another may write to it").isFalse();
        assertThat(unchanging.isFinite()).as("it is not looked at again").isTrue();
        assertThat(tensor.unchanging().isFinite()).isFalse();
    }
}
