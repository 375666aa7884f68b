package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Cross-correlation of x [batch, channels, ...] with a kernel [out, channels / groups, ...] over any number of spatial
 * axes. Both transposes are convolutions again (Dumoulin and Visin 2016), so that derivatives of every order are.
 */
final class Convolution implements Op {
    /** For more products than this the sparsity of the Jacobian is not determined: that would take longer than it saves. */
    private static final long MOST_DEPENDENCES = 1 << 22;

    /** One number for each axis, or one for all axes. */
    private final List<Window> windows;
    private final int groups;

    Convolution(List<Window> windows, int groups) {
        this.windows = windows;
        this.groups = groups;
    }

    @Override
    public String name() {
        return "convolution";
    }

    @Override
    public Map<String, Object> attributes() {
        Map<String, Object> attributes = new LinkedHashMap<>();
        write(attributes, "stride", Window::stride, 1);
        write(attributes, "padding", window -> List.of(window.before(), window.after()), List.of(0, 0));
        write(attributes, "input_dilation", Window::inputDilation, 1);
        write(attributes, "dilation", Window::dilation, 1);
        if (groups != 1) {
            attributes.put("groups", groups);
        }
        return attributes;
    }

    private void write(Map<String, Object> attributes, String name, Function<Window, Object> part, Object neutral) {
        List<Object> parts = windows.stream().map(part).toList();
        List<Object> distinct = parts.stream().distinct().toList();
        if (!distinct.equals(List.of(neutral))) {
            attributes.put(name, distinct.size() == 1 ? distinct : parts);
        }
    }

    @Override
    public Family family() {
        return Family.BILINEAR;
    }

    private Window window(int axis) {
        return windows.get(windows.size() == 1 ? 0 : axis);
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape x = operands[0];
        Shape kernel = operands[1];
        if (x.rank() < 3 || windows.size() > 1 && windows.size() != x.rank() - 2) {
            String wanted = windows.size() > 1 ? windows.size() + " spatial axes" : "spatial axes";
            throw new ShapeException("convolution needs x [batch, channels, ...] with " + wanted + ", got " + x, wanted, x.toString());
        }
        fit("convolution", "...", x, kernel, groups);
        int[] result = x.dims();
        result[1] = kernel.dim(0);
        for (int i = 2; i < result.length; i++) {
            result[i] = window(i - 2).result(x.dim(i), kernel.dim(i));
        }
        return Shape.of(result);
    }

    /** Whether a kernel fits x, which has the right number of axes; {@link ShapeException} in the words of the op {@code name}. */
    static void fit(String name, String spatialAxes, Shape x, Shape kernel, int groups) {
        if (kernel.rank() != x.rank() || kernel.sub(2, kernel.rank()).size() == 0) {
            String wanted = "[out, in/groups, " + spatialAxes + "]";
            throw new ShapeException(
                    name + " needs kernel " + wanted + (kernel.rank() == x.rank() ? " with elements" : "") + ", got " + kernel,
                    wanted, kernel.toString());
        }
        if ((long) kernel.dim(1) * groups != x.dim(1)) {
            throw new ShapeException(name + ": x has " + x.dim(1) + " channels, the kernel takes " + kernel.dim(1)
                    + (groups == 1 ? "" : " in each of " + groups + " groups"), x.dim(1) + " channels",
                    String.valueOf((long) kernel.dim(1) * groups));
        }
        if (kernel.dim(0) % groups != 0) {
            throw new ShapeException(name + ": the kernel's " + kernel.dim(0) + " filters do not divide into " + groups + " groups",
                    "a multiple of " + groups, String.valueOf(kernel.dim(0)));
        }
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        return new ConvolutionLoops(windows(result.rank() - 2), groups, operands, result);
    }

    private List<Window> windows(int axes) {
        return IntStream.range(0, axes).mapToObj(this::window).toList();
    }

    /** A multiplication and an addition for each element of the kernel that does not fall on a zero of dilation. */
    @Override
    public long flops(Shape[] operands, Shape result) {
        double products = 2.0 * result.size() * operands[1].sub(1, operands[1].rank()).size();
        for (Window window : windows(result.rank() - 2)) {
            products /= window.inputDilation();
        }
        return (long) products;
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        Node x = node.operand(0);
        Node kernel = node.operand(1);
        if (cotangent.shape().size() == 0) {
            return null;
        }
        List<Window> transposed = new ArrayList<>();
        for (int i = 2; i < x.shape().rank(); i++) {
            Window window = window(i - 2);
            int input = x.shape().dim(i);
            int length = kernel.shape().dim(i);
            transposed.add(operand == 0 ? window.transposed(input, length) : window.byKernel(input, length));
        }
        Convolution convolution = new Convolution(transposed, groups);
        if (operand == 0) {
            return node.graph().add(convolution, cotangent, reversed(kernel, groups));
        }
        // This sum runs over the batch, so batch and channels are exchanged.
        Node input = swapped(regrouped(x, 1, groups), 0, 2);
        Node gradient = node.graph().add(convolution, joined(input, 1), swapped(cotangent, 0, 1));
        return swapped(gradient, 0, 1);
    }

    /** The kernel with in and out exchanged in each group, and its spatial axes reversed. */
    static Node reversed(Node kernel, int groups) {
        Shape shape = kernel.shape();
        Node exchanged = joined(swapped(regrouped(kernel, 0, groups), 1, 2), 0);
        List<Integer> reversed = IntStream.range(2, shape.rank()).filter(i -> shape.dim(i) > 1).boxed().toList();
        return reversed.isEmpty() ? exchanged : Rearranging.flip(exchanged, reversed);
    }

    /** Splits an axis into two: the groups, and the elements of each. */
    private static Node regrouped(Node x, int axis, int groups) {
        Shape shape = x.shape();
        return Maths.reshape(x, shape.with(axis, shape.dim(axis) / groups).inserted(axis, groups));
    }

    /** Joins an axis with the next. */
    private static Node joined(Node x, int axis) {
        Shape shape = x.shape();
        Shape pair = Shape.of(shape.sub(axis, axis + 2).length());
        return Maths.reshape(x, shape.sub(0, axis).concat(pair).concat(shape.sub(axis + 2, shape.rank())));
    }

    private static Node swapped(Node x, int axis, int other) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, x.shape().rank()).boxed().toList());
        Collections.swap(order, axis, other);
        return other == axis + 1 && (x.shape().dim(axis) == 1 || x.shape().dim(other) == 1)
                ? Maths.reshape(x, Shape.of(order.stream().map(x.shape()::dim).toList()))
                : Maths.transpose(x, order);
    }

    /** Each result is rounded once for each of its products, which are added by fma. */
    @Override
    public Node error(Node node, @Nullable Node[] errors) {
        int depth = node.operand(1).shape().sub(1, node.operand(1).shape().rank()).length();
        return Errors.ofProduct(node, errors, Kernels.roundings(2, depth));
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node ofX = tangents[0];
        Node ofKernel = tangents[1];
        Node byX = ofX == null ? null : node.graph().add(this, ofX, node.operand(1));
        Node byKernel = ofKernel == null ? null : node.graph().add(this, node.operand(0), ofKernel);
        return byX == null ? byKernel : byKernel == null ? byX : Maths.add(byX, byKernel);
    }

    /** Several batches of x become one larger batch. Several kernels become more filters or, if x is batched too, more groups. */
    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        Node x = operands[0];
        Node kernel = operands[1];
        if (!batched[1]) {
            Node result = x.graph().add(this, joined(x, 0), kernel);
            return Maths.reshape(result, Shape.of(n, x.shape().dim(1)).concat(result.shape().without(0)));
        }
        int filters = kernel.shape().dim(1);
        if (batched[0]) {
            Node result = x.graph().add(new Convolution(windows, groups * n), joined(swapped(x, 0, 1), 1), joined(kernel, 0));
            return swapped(regrouped(result, 1, n), 0, 1);
        }
        Node grouped = swapped(regrouped(kernel, 1, groups), 0, 1);
        Node result = regrouped(x.graph().add(this, x, joined(joined(grouped, 0), 0)), 1, groups);
        Node apart = Maths.reshape(result, result.shape().with(2, filters / groups).inserted(2, n));
        return joined(swapped(swapped(apart, 1, 2), 0, 1), 2);
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        int rank = result.rank();
        Shape kernel = operands[1];
        if (result.size() == 0) {
            return true;
        }
        Shape taps = kernel.sub(1, rank);
        if (result.size() * taps.size() > MOST_DEPENDENCES) {
            return false;
        }
        int[][] elements = new int[taps.length()][];
        Arrays.setAll(elements, taps::index);
        for (int to = 0; to < result.length(); to++) {
            int[] at = result.index(to);
            for (int tap = 0; tap < elements.length; tap++) {
                int[] element = elements[tap];
                int from = at[0] * operands[0].dim(1) + at[1] / (kernel.dim(0) / groups) * kernel.dim(1) + element[0];
                boolean inside = true;
                for (int i = 2; i < rank; i++) {
                    int source = window(i - 2).source(at[i], element[i - 1], operands[0].dim(i));
                    inside &= source >= 0;
                    from = from * operands[0].dim(i) + source;
                }
                if (inside) {
                    dependence.between(0, from, to);
                    dependence.between(1, at[1] * elements.length + tap, to);
                }
            }
        }
        return true;
    }
}
