package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Kernels.Largest;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The largest element of each window of images [batch, channels, height, width], or the position of that element in its image. As in
 * PyTorch, 0 and −0 are equally large, and the first of several largest elements is taken, row by row.
 */
final class MaxPool implements Op {
    /**
     * What the result holds for each window: its largest element, the position of the first or the last element with that value, or the
     * difference of the two largest elements.
     */
    enum Gives {
        LARGEST,
        FIRST,
        LAST,
        GAP
    }

    private static final int BETWEEN_CHECKS = 1 << 18;

    private final Gives gives;
    private final List<Integer> size;
    private final List<Window> windows;

    MaxPool(Gives gives, List<Integer> size, List<Window> windows) {
        this.gives = gives;
        this.size = size;
        this.windows = windows;
    }

    @Override
    public String name() {
        return gives == Gives.LARGEST ? "max_pool2d" : "max_pool2d_indices";
    }

    @Override
    public Map<String, Object> attributes() {
        Map<String, Object> attributes = new LinkedHashMap<>();
        List<Integer> stride = windows.stream().map(Window::stride).toList();
        List<Integer> padding = windows.stream().map(Window::before).toList();
        attributes.put("kernel_size", shortest(size));
        if (!stride.equals(size)) {
            attributes.put("stride", shortest(stride));
        }
        if (!padding.equals(List.of(0, 0))) {
            attributes.put("padding", shortest(padding));
        }
        if (gives == Gives.LAST) {
            attributes.put("last", true);
        } else if (gives == Gives.GAP) {
            attributes.put("gap", true);
        }
        return attributes;
    }

    private static List<Integer> shortest(List<Integer> pair) {
        return pair.stream().distinct().count() == 1 ? pair.subList(0, 1) : pair;
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public Shape shape(Shape... operands) {
        return pooled(name(), operands[0], size, windows);
    }

    static Shape pooled(String op, Shape x, List<Integer> size, List<Window> windows) {
        String[] axes = {"height", "width"};
        int[] dims = Convolutions.checked(op, x, axes).dims();
        for (int i = 0; i < 2; i++) {
            Convolutions.fits(op, axes[i], windows.get(i), dims[i + 2], size.get(i));
            dims[i + 2] = windows.get(i).result(dims[i + 2], size.get(i));
        }
        return Shape.of(dims);
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        @Nullable
        Largest which = switch (gives) {
            case LARGEST -> Largest.ELEMENT;
            case FIRST -> Largest.FIRST;
            case LAST -> Largest.LAST;
            case GAP -> null;
        };
        boolean isShort = (long) size.get(0) * size.get(1) <= BETWEEN_CHECKS;
        if (which != null && isShort && windows.stream().allMatch(window -> window.before() == 0)) {
            return (x, y, parallel) -> largest(which, x[0], operands[0], y, result, parallel);
        }
        return (x, y, parallel) -> new PaddedPool(gives, size, windows).run(x[0], operands[0], y, result, parallel);
    }

    /** All windows lie within their image. */
    private void largest(Largest which, double[] x, Shape images, double[] y, Shape result, Parallel parallel) {
        int width = images.last();
        int[] shifts = Offsets.of(Offsets.steps(size.get(0), 0, width), Offsets.steps(size.get(1), 0, 1));
        int[] origins = Offsets.of(Offsets.steps(result.dim(2), 0, windows.get(0).stride() * width),
                Offsets.steps(result.last(), 0, windows.get(1).stride()));
        int most = Math.max(1, BETWEEN_CHECKS / shifts.length);
        parallel.share(y.length, parallel.grain(shifts.length), (from, end) -> {
            for (int to = from; to < end;) {
                parallel.check();
                int image = to / origins.length;
                int begin = to % origins.length;
                int n = Math.min(Math.min(most, end - to), origins.length - begin);
                Kernels.best().largest(which, x, image * images.dim(2) * width, origins, begin, n, shifts, y, to);
                to += n;
            }
        });
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return (long) ((double) result.size() * size.get(0) * size.get(1));
    }

    @Override
    public @Nullable Node vjp(Node node, int operand, Node cotangent) {
        Node x = node.operand(0);
        if (ignores(0)) {
            return null;
        }
        Node flat = node.graph().add(new AlongAxis.AddAlong(-1, x.shape().sub(2, 4).length()), positions(x), flat(cotangent));
        return Maths.reshape(flat, x.shape());
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node tangent = tangents[0];
        if (ignores(0) || tangent == null) {
            return null;
        }
        return Maths.reshape(Gathering.takeAlong(flat(tangent), positions(node.operand(0)), -1), node.shape());
    }

    private Node positions(Node x) {
        return flat(at(Gives.FIRST, x));
    }

    private Node at(Gives position, Node x) {
        return x.graph().add(new MaxPool(position, size, windows), x);
    }

    private static Node flat(Node images) {
        return Maths.reshape(images, images.shape().sub(0, 2).concat(Shape.of(images.shape().sub(2, 4).length())));
    }

    /** A position is uncertain where errors could make another element of the window the largest. */
    @Override
    public @Nullable Node error(Node node, @Nullable Node[] errors) {
        if (errors[0] == null) {
            return null;
        }
        Node moved = at(Gives.LARGEST, errors[0]);
        if (gives == Gives.LARGEST) {
            return moved;
        }
        Node isSure = Maths.gt(at(Gives.GAP, node.operand(0)), Maths.mul(2 * Accuracy.ROOM, moved));
        return Errors.whereDoubtful(Maths.and(Maths.not(isSure), Maths.isNonzero(moved)));
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        Shape shape = operands[0].shape();
        Node images = Maths.reshape(operands[0], Shape.of(shape.sub(0, 2).length()).concat(shape.sub(2, shape.rank())));
        Node result = images.graph().add(this, images);
        return Maths.reshape(result, shape.sub(0, 2).concat(result.shape().sub(1, 4)));
    }

    /** A window has a kink where several of its elements are the largest, so that the first and the last of them differ. */
    @Override
    public @Nullable Node kink(Node node) {
        Node x = node.operand(0);
        return ignores(0) ? null : node.graph().add(Comparisons.NE.op(), at(Gives.FIRST, x), at(Gives.LAST, x));
    }

    @Override
    public boolean ignores(int operand) {
        return gives != Gives.LARGEST;
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        Shape x = operands[0];
        int image = x.sub(2, 4).length();
        for (int to = 0; !ignores(0) && to < result.size(); to++) {
            int[] at = result.index(to);
            int from = (at[0] * x.dim(1) + at[1]) * image;
            for (int i = windows.get(0).first(at[2]); i < windows.get(0).end(at[2], x.dim(2), size.get(0)); i++) {
                for (int j = windows.get(1).first(at[3]); j < windows.get(1).end(at[3], x.last(), size.get(1)); j++) {
                    dependence.between(0, from + i * x.last() + j, to);
                }
            }
        }
        return true;
    }
}
