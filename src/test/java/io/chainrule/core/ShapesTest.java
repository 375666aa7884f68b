package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The shapes of named arrays: how they are written, and when two of them are the same key of a cache. */
class ShapesTest {
    @Test
    void aNameIsFollowedByItsDimensions() {
        Shapes shapes = Shapes.of("W", 2, 3, "b", "x", 3, "empty", 0);
        assertThat(shapes.names()).containsExactly("W", "b", "x", "empty");
        assertThat(shapes.get("W")).isEqualTo(Shape.of(2, 3));
        assertThat(shapes.get("b")).isEqualTo(Shape.SCALAR);
        assertThat(shapes.get("empty")).isEqualTo(Shape.of(0));
        assertThat(shapes.get("y")).isNull();
        assertThat(shapes).hasToString("{W=[2, 3], b=[], x=[3], empty=[0]}");
    }

    @Test
    void whatIsNoNameOrDimensionIsRefused() {
        assertThatThrownBy(() -> Shapes.of(3)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not 3");
        assertThatThrownBy(() -> Shapes.of("x", 2.0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not 2.0");
        assertThatThrownBy(() -> Shapes.of("x", 2, "x")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'x'");
    }

    @Test
    void equalNamesAndShapesInTheSameOrderAreEqual() {
        Shapes shapes = Shapes.of("x", 2, "y");
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("x", Tensor.vector(7, 8));
        values.put("y", Tensor.scalar(9));
        assertThat(Shapes.ofValues(values)).isEqualTo(shapes).hasSameHashCodeAs(shapes);
        assertThat(Shapes.of(shapes.toMap())).isEqualTo(shapes);
    }

    @Test
    void theOrderCountsAsDoNamesAndShapes() {
        Shapes shapes = Shapes.of("x", 2, "y");
        assertThat(shapes).isNotEqualTo(Shapes.of("y", "x", 2)).isNotEqualTo(Shapes.of("x", 2)).isNotEqualTo(Shapes.of("x", 2, "z"))
                .isNotEqualTo(Shapes.of("x", 2, 1, "y"));
    }

    @Test
    void laterChangesOfAMapChangeNothing() {
        Map<String, Shape> map = new LinkedHashMap<>(Map.of("x", Shape.of(2)));
        Shapes shapes = Shapes.of(map);
        map.put("y", Shape.SCALAR);
        shapes.toMap().clear();
        assertThat(shapes).isEqualTo(Shapes.of("x", 2));
    }
}
