package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Images [batch, channels, height, width] made smaller: the largest element or the mean of each window. */
final class Pooling {
    private static final Tensor IMAGE = Tensor.of(Shape.of(1, 1, 4, 4), 1, 2, 0, -1, 3, 1, 0.5, 2, -2, 0, 1, 4, 1.5, -1, 3, 2.5);

    static final OpDefinition MAX_POOL2D = pool("max_pool2d", Family.CUSTOM)
            .formula("y_{n c h w} = \\max_{i, j} x_{n c, h s + i - p, w s + j - p}",
                    "\\bar x_a = \\sum_{h w: y_{h w} \\text{ is } x_a} \\bar y_{h w}", Backward.regardless("stride", "padding"))
            .convention("in a tie the first element of the window, row by row, gets the gradient; padding is −∞")
            .example("y = max_pool2d(x, kernel_size=2)\nf = sum(y^2)", IMAGE)
            .traits(Trait.ROUTES).as(a -> new MaxPool(MaxPool.Gives.LARGEST, size(a), windows(a)));
    static final OpDefinition MAX_POOL2D_INDICES = pool("max_pool2d_indices", Family.CUSTOM)
            .attribute(Attribute.optional("last", Attribute.Type.BOOLEAN, false, "in a tie the last element, not the first"))
            .formula("y_{n c h w} = \\operatorname{argmax}_a x_{n c a} \\text{ over the window}", "0")
            .convention("a position in height and width flattened; the first of several; NaN before all")
            .example("y = max_pool2d_indices(x, kernel_size=2)\nf = sum(y * x[:, :, :2, :2])", IMAGE)
            .as(a -> new MaxPool(a.flag("last") ? MaxPool.Gives.LAST : MaxPool.Gives.FIRST, size(a), windows(a)));
    static final OpDefinition AVG_POOL2D = pool("avg_pool2d", Family.COMPOSITE)
            .formula("y_{n c h w} = \\frac{1}{k_h k_w} \\sum_{i, j} x_{n c, h s + i - p, w s + j - p}",
                    "\\bar x_a = \\frac{1}{k} \\sum_{h w \\text{ over } a} \\bar y_{h w}",
                    Backward.told("k", "window").and(Backward.regardless("stride", "padding")))
            .convention("padding counts as zeros in the mean").example("y = avg_pool2d(x, kernel_size=2)\nf = sum(y^2)", IMAGE)
            .as(a -> {
                List<Integer> size = size(a);
                List<Window> windows = windows(a);
                return Composite.of("avg_pool2d", a, x -> average(x[0], size, windows));
            });
    static final OpDefinition GLOBAL_AVG_POOL2D = OpDefinition.define("global_avg_pool2d", Family.COMPOSITE, "x")
            .formula("y_{n c} = \\frac{1}{H W} \\sum_{h, w} x_{n c h w}", "\\bar x_{n c h w} = \\frac{\\bar y_{n c}}{H W}")
            .convention("the result is [batch, channels]").example("y = global_avg_pool2d(x)\nf = sum(y^2)", IMAGE)
            .as(Composite.of("global_avg_pool2d", Map.of(), x -> global(x[0])));

    static final List<OpDefinition> ALL = List.of(MAX_POOL2D, MAX_POOL2D_INDICES, AVG_POOL2D, GLOBAL_AVG_POOL2D);

    private Pooling() {}

    private static OpDefinition pool(String name, Family family) {
        return OpDefinition.define(name, family, "x").attribute(
                Attribute.required("kernel_size", Attribute.Type.INTS, "height and width of a window, or one number for both"),
                Attribute.optional("stride", Attribute.Type.INTS, null, "from window to window; kernel_size if left out"),
                Attribute.optional("padding", Attribute.Type.INTS, List.of(0), "on each side of x; at most half of kernel_size"));
    }

    private static List<Integer> size(Attributes a) {
        return a.perAxis("kernel_size", 2, 1, Window.LONGEST);
    }

    private static List<Window> windows(Attributes a) {
        List<Integer> size = size(a);
        List<Integer> stride = a.has("stride") ? a.perAxis("stride", 2, 1, Window.LONGEST) : size;
        List<Integer> padding = a.perAxis("padding", 2, 0, Window.LONGEST);
        List<Window> windows = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int border = padding.get(i);
            if (border > size.get(i) / 2) {
                throw a.wrong("padding", "is at most half of kernel_size", "at most " + size.get(i) / 2, border);
            }
            windows.add(new Window(stride.get(i), border, border, 1, 1));
        }
        return windows;
    }

    private static Node average(Node x, List<Integer> size, List<Window> windows) {
        Shape shape = MaxPool.pooled("avg_pool2d", x.shape(), size, windows);
        Node images = reshape(x, Shape.of(shape.sub(0, 2).length(), 1).concat(x.shape().sub(2, 4)));
        Node ones = broadcastTo(number(x.graph(), 1), Shape.of(1, 1, size.get(0), size.get(1)));
        Node sums = reshape(x.graph().add(new Convolution(windows, 1), images, ones), shape);
        return div(sums, (double) size.get(0) * size.get(1));
    }

    private static Node global(Node x) {
        Shape shape = Convolutions.checked("global_avg_pool2d", x.shape(), "height", "width");
        return div(sum(x, List.of(2, 3), false), (double) shape.sub(2, 4).size());
    }
}
