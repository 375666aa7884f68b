package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** Convolutional layers, with PyTorch's layouts, as circuits of one general convolution. */
final class Convolutions {
    private static final Tensor LINE = Tensor.of(Shape.of(1, 1, 5), 1, 2, -1, 3, 0.5);
    private static final Tensor SLOPE = Tensor.of(Shape.of(1, 1, 2), 1, -1);
    private static final Tensor IMAGE = Tensor.of(Shape.of(1, 1, 3, 3), 1, 2, 0, -1, 3, 1, 0.5, 2, -2);
    private static final Tensor EDGE = Tensor.of(Shape.of(1, 1, 2, 2), 1, -1, 0.5, 2);
    private static final Tensor BIAS = Tensor.vector(0.5);
    private static final String MAY_LACK_BIAS = "the bias may be left out; ";
    private static final String TRANSPOSES = "\\bar x = \\bar y *^\\mathsf{T} w,\\ \\bar w = x \\star \\bar y,\\ "
            + "\\bar b_o = \\textstyle\\sum_{n, i} \\bar y_{n o i}";

    static final OpDefinition CONVOLUTION = OpDefinition.define("convolution", Family.BILINEAR, "x", "kernel")
            .attribute(Attribute.optional("stride", Attribute.Type.INTS, List.of(1), "steps of the kernel, one for each axis or for all"),
                    Attribute.optional("padding", Attribute.Type.LISTS, List.of(List.of(0, 0)),
                            "zeros [before, after] each axis, or elements dropped where negative; one pair stands for all"),
                    Attribute.optional("input_dilation", Attribute.Type.INTS, List.of(1), "distances between elements of x"),
                    Attribute.optional("dilation", Attribute.Type.INTS, List.of(1), "distances between elements of the kernel"),
                    Attribute.optional("groups", Attribute.Type.INT, 1, "into how many parts channels and filters fall"))
            .formula("y_{n o i} = \\sum_{c, j} x_{n c, i s + j d - p}\\, w_{o c j}",
                    "\\bar x = \\text{convolution of } \\bar y \\text{ with } w \\text{ reversed},\\ "
                            + "\\bar w = \\text{convolution of } x \\text{ with } \\bar y")
            .convention("x is [batch, channels, ...] with any number of spatial axes, the kernel [out, channels / groups, ...]; "
                    + "what other convolutions and their derivatives are made of")
            .example("y = convolution(x, kernel, padding=[[1, 0]])\nf = sum(y^2)", IMAGE, EDGE).as(Convolutions::general);
    static final OpDefinition CONV1D = layer("conv1d", "length")
            .formula("y_{n o i} = b_o + \\sum_{c, j} x_{n c, i s + j d - p}\\, w_{o c j}", TRANSPOSES)
            .example("y = conv1d(x, kernel, bias, padding='same')\nf = sum(y^2)", LINE, SLOPE, BIAS)
            .as(a -> layer("conv1d", a, "length"));
    static final OpDefinition CONV2D = layer("conv2d", "height", "width")
            .formula("y_{n o h w} = b_o + \\sum_{c, i, j} x_{n c, h s + i d - p, w s + j d - p}\\, k_{o c i j}", TRANSPOSES)
            .example("y = conv2d(x, kernel, bias, padding=1)\nf = sum(y^2)", IMAGE, EDGE, BIAS)
            .as(a -> layer("conv2d", a, "height", "width"));
    static final OpDefinition CONV_TRANSPOSE2D = OpDefinition.define("conv_transpose2d", Family.COMPOSITE, "x", "kernel", "bias")
            .lastOptional()
            .attribute(Attribute.optional("stride", Attribute.Type.INTS, List.of(1), "how far the copies of the kernel lie apart"),
                    Attribute.optional("padding", Attribute.Type.INTS, List.of(0), "what is cut off each side of the result"),
                    Attribute.optional("output_padding", Attribute.Type.INTS, List.of(0),
                            "added to the result's end; less than stride or dilation"),
                    Attribute.optional("dilation", Attribute.Type.INTS, List.of(1), "distances between elements of the kernel"),
                    Attribute.optional("groups", Attribute.Type.INT, 1, "into how many parts channels and filters fall"))
            .formula("y_{n o} = b_o + \\sum_{c, i, j} x_{n c i j}\\, w_{c o} \\text{ moved by } (i s - p, j s - p)",
                    "\\bar x = \\bar y \\star w,\\ \\bar w = \\bar y \\star x,\\ \\bar b_o = \\textstyle\\sum_{n, i} \\bar y_{n o i}")
            .convention(MAY_LACK_BIAS + "x is [batch, channels, height, width], the kernel [channels, out / groups, height, width]; "
                    + "the transpose of conv2d with the same kernel")
            .example("y = conv_transpose2d(x, kernel, bias, stride=2)\nf = sum(y^2)", IMAGE, EDGE, BIAS)
            .as(Convolutions::transposed);

    static final List<OpDefinition> ALL = List.of(CONVOLUTION, CONV1D, CONV2D, CONV_TRANSPOSE2D);

    private Convolutions() {}

    private static OpDefinition layer(String name, String... axes) {
        return OpDefinition.define(name, Family.COMPOSITE, "x", "kernel", "bias").lastOptional()
                .attribute(Attribute.optional("stride", Attribute.Type.INTS, List.of(1), "steps of the kernel"),
                        Attribute.optional("padding", Attribute.Type.PADDING, List.of(0),
                                "zeros on each side; 'same' makes the result as long as x divided by the stride, 'valid' is 0"),
                        Attribute.optional("dilation", Attribute.Type.INTS, List.of(1), "distances between elements of the kernel"),
                        Attribute.optional("groups", Attribute.Type.INT, 1, "into how many parts channels and filters fall"))
                .convention(MAY_LACK_BIAS + "x is [batch, channels, " + String.join(", ", axes)
                        + "], the kernel [out, channels / groups, " + String.join(", ", axes)
                        + "]; 'same' puts the odd zero at the end; the kernel is not reversed");
    }

    private static Convolution general(Attributes a) {
        List<?> pairs = a.items("padding");
        int axes = Math.max(1, pairs.size());
        for (String name : List.of("stride", "input_dilation", "dilation")) {
            axes = Math.max(axes, Objects.requireNonNull(a.integers(name)).size());
        }
        List<Integer> stride = a.perAxis("stride", axes, 1, Window.LONGEST);
        List<Integer> inputDilation = a.perAxis("input_dilation", axes, 1, Window.LONGEST);
        List<Integer> dilation = a.perAxis("dilation", axes, 1, Window.LONGEST);
        if (pairs.size() != 1 && pairs.size() != axes || !pairs.stream().allMatch(Convolutions::isBorder)) {
            String wanted = "[before, after] for all axes or each of them, both from " + -Window.LONGEST + " to " + Window.LONGEST;
            throw a.wrong("padding", "is " + wanted, wanted, pairs);
        }
        List<Window> windows = new ArrayList<>();
        for (int i = 0; i < axes; i++) {
            List<?> pair = (List<?>) pairs.get(pairs.size() == 1 ? 0 : i);
            windows.add(new Window(stride.get(i), (Integer) pair.getFirst(), (Integer) pair.getLast(), inputDilation.get(i),
                    dilation.get(i)));
        }
        return new Convolution(windows, a.integer("groups", 1, Integer.MAX_VALUE));
    }

    private static boolean isBorder(Object pair) {
        return pair instanceof List<?> list && list.size() == 2
                && list.stream().allMatch(n -> n instanceof Integer length && Math.abs((long) length) <= Window.LONGEST);
    }

    private static Composite layer(String name, Attributes a, String... axes) {
        List<Integer> stride = a.perAxis("stride", axes.length, 1, Window.LONGEST);
        List<Integer> dilation = a.perAxis("dilation", axes.length, 1, Window.LONGEST);
        Object mode = a.padding("padding");
        List<Integer> padding = mode instanceof String
                ? Collections.nCopies(axes.length, 0)
                : a.perAxis("padding", axes.length, 0, Window.LONGEST);
        int groups = a.integer("groups", 1, Integer.MAX_VALUE);
        return Composite.of(name, a, x -> {
            Shape input = checked(name, x[0].shape(), axes);
            Shape kernel = x[1].shape();
            Convolution.fit(name, String.join(", ", axes), input, kernel, groups);
            List<Window> windows = new ArrayList<>();
            for (int i = 0; i < axes.length; i++) {
                int border = padding.get(i);
                Window window = new Window(stride.get(i), border, border, 1, dilation.get(i));
                window = mode.equals("same") ? window.same(input.dim(i + 2), kernel.dim(i + 2)) : window;
                fits(name, axes[i], window, input.dim(i + 2), kernel.dim(i + 2));
                windows.add(window);
            }
            return biased(name, x[0].graph().add(new Convolution(windows, groups), x[0], x[1]), x);
        });
    }

    private static Composite transposed(Attributes a) {
        List<Integer> stride = a.perAxis("stride", 2, 1, Window.LONGEST);
        List<Integer> padding = a.perAxis("padding", 2, 0, Window.LONGEST);
        List<Integer> dilation = a.perAxis("dilation", 2, 1, Window.LONGEST);
        List<Integer> more = a.perAxis("output_padding", 2, 0, Window.LONGEST);
        int groups = a.integer("groups", 1, Integer.MAX_VALUE);
        for (int i = 0; i < 2; i++) {
            int limit = Math.max(stride.get(i), dilation.get(i));
            if (more.get(i) >= limit) {
                throw a.wrong("output_padding", "is less than the stride or the dilation", "less than " + limit, more.get(i));
            }
        }
        return Composite.of("conv_transpose2d", a, x -> {
            Shape input = checked("conv_transpose2d", x[0].shape(), "height", "width");
            Shape kernel = x[1].shape();
            if (kernel.rank() != 4 || kernel.dim(0) != input.dim(1) || kernel.sub(2, 4).size() == 0) {
                String wanted = "[" + input.dim(1) + ", out/groups, height, width]";
                throw new ShapeException(
                        "conv_transpose2d needs kernel " + wanted + " for x with " + input.dim(1) + " channels, got " + kernel,
                        wanted, kernel.toString());
            }
            if (input.dim(1) % groups != 0) {
                throw new ShapeException(
                        "conv_transpose2d: the " + input.dim(1) + " channels of x do not divide into " + groups + " groups",
                        "a multiple of " + groups, String.valueOf(input.dim(1)));
            }
            List<Window> windows = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Window window = Window.spreading(stride.get(i), padding.get(i), more.get(i), dilation.get(i), kernel.dim(i + 2));
                if (window.result(input.dim(i + 2), kernel.dim(i + 2)) == 0) {
                    throw new ShapeException("conv_transpose2d: padding " + padding.get(i) + " leaves nothing of the result",
                            "a smaller padding", String.valueOf(padding.get(i))).by("padding");
                }
                windows.add(window);
            }
            Node kernels = Convolution.reversed(x[1], groups);
            return biased("conv_transpose2d", x[0].graph().add(new Convolution(windows, groups), x[0], kernels), x);
        });
    }

    /** The shape of arrays that have these spatial axes after batch and channels. */
    static Shape checked(String op, Shape x, String... axes) {
        String wanted = "[batch, channels, " + String.join(", ", axes) + "]";
        boolean ranked = x.rank() == axes.length + 2;
        if (!ranked || x.sub(2, x.rank()).size() == 0) {
            throw new ShapeException(
                    op + " needs x " + wanted + (ranked ? " with elements along " + String.join(", ", axes) : "") + ", got " + x,
                    wanted, x.toString());
        }
        return x;
    }

    static void fits(String op, String axis, Window window, int input, int kernel) {
        if (window.reach(kernel) > window.padded(input)) {
            throw new ShapeException(
                    op + ": the kernel spans " + window.reach(kernel) + " along the " + axis + ", x with its padding has "
                            + window.padded(input),
                    "at most " + window.padded(input), String.valueOf(window.reach(kernel)));
        }
    }

    private static Node biased(String op, Node result, Node[] operands) {
        if (operands.length < 3) {
            return result;
        }
        Node bias = operands[2];
        int filters = result.shape().dim(1);
        if (!bias.shape().equals(Shape.of(filters))) {
            throw new ShapeException(op + " needs bias [" + filters + "], one number a filter, got " + bias.shape(), "[" + filters + "]",
                    bias.shape().toString());
        }
        int[] dims = new int[result.shape().rank() - 1];
        Arrays.fill(dims, 1);
        dims[0] = filters;
        return add(result, reshape(bias, Shape.of(dims)));
    }
}
