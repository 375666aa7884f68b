package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Ops that join, move, drop and add axes, or repeat, reverse and roll elements, as circuits of the ops of {@link Shaping}. */
final class Rearranging {
    private static final Tensor SAMPLE = Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6});
    private static final String ADD_UP = "\\bar x = \\sum \\bar y \\text{ over the copies of each element}";

    static final OpDefinition FLATTEN = define("flatten",
            Attribute.optional("start_axis", Attribute.Type.INT, 0, "the axes from this one on become one"))
            .formula("\\operatorname{flatten}(x)", "\\bar x = \\operatorname{reshape}(\\bar y)")
            .example("y = flatten(x)\nf = y[4]^2", SAMPLE)
            .as(a -> moving("flatten", a, x -> flatten(x, a.integer("start_axis")))).traits(Trait.VIEW);
    static final OpDefinition SWAPAXES = define("swapaxes", Attribute.required("axis1", Attribute.Type.INT, "one axis"),
            Attribute.required("axis2", Attribute.Type.INT, "the axis that changes places with it"))
            .formula("y_{\\dots j \\dots i \\dots} = x_{\\dots i \\dots j \\dots}",
                    "\\bar x_{\\dots i \\dots j \\dots} = \\bar y_{\\dots j \\dots i \\dots}")
            .example("y = swapaxes(x, axis1=0, axis2=1)\nf = sum(y[0]^2)", SAMPLE)
            .as(a -> moving("swapaxes", a, x -> swapaxes(x, a.integer("axis1"), a.integer("axis2")))).traits(Trait.VIEW);
    static final OpDefinition MOVEAXIS = define("moveaxis",
            Attribute.required("source", Attribute.Type.INTS, "the axes to move"),
            Attribute.required("destination", Attribute.Type.INTS, "where each of them stands in the result"))
            .formula("\\text{axes } s \\text{ of } x \\text{ at } d", "\\bar x = \\text{axes } d \\text{ of } \\bar y \\text{ at } s")
            .example("y = moveaxis(x, source=0, destination=1)\nf = sum(y[0]^2)", SAMPLE)
            .as(a -> moving("moveaxis", a, x -> moveaxis(x, list(a, "source"), list(a, "destination")))).traits(Trait.VIEW);
    static final OpDefinition SQUEEZE = define("squeeze",
            Attribute.optional("axis", Attribute.Type.INTS, null, "axes of length 1 to drop; all of them if left out"))
            .formula("\\operatorname{squeeze}(x)", "\\bar x = \\operatorname{reshape}(\\bar y)")
            .example("y = squeeze(x)\nf = y[1]^2", Tensor.matrix(new double[]{1, 2, 3}))
            .as(a -> moving("squeeze", a, x -> squeeze(x, a.integers("axis")))).traits(Trait.VIEW);
    static final OpDefinition EXPAND_DIMS = define("expand_dims",
            Attribute.required("axis", Attribute.Type.INTS, "where the new axes of length 1 stand in the result"))
            .formula("\\operatorname{expand}(x)", "\\bar x = \\operatorname{reshape}(\\bar y)")
            .example("y = expand_dims(x, axis=1)\nf = sum(y * x)", Tensor.vector(1, 2, 3))
            .as(a -> moving("expand_dims", a, x -> expandDims(x, list(a, "axis")))).alias("unsqueeze").traits(Trait.VIEW);
    static final OpDefinition TILE = define("tile",
            Attribute.required("reps", Attribute.Type.INTS, "how often along each axis, aligned at the last; more than there are add axes"))
            .formula("y_i = x_{i \\bmod n}", ADD_UP).example("y = tile(x, reps=2)\nf = sum(y * [1, 2, 3, 4])", Tensor.vector(1, 2))
            .as(a -> {
                Shape reps = a.shape("reps");
                return moving("tile", a, x -> tile(x, reps));
            });
    static final OpDefinition REPEAT = define("repeat",
            Attribute.required("repeats", Attribute.Type.INT, "how often each element stands beside itself"),
            Attribute.optional("axis", Attribute.Type.INT, null, "the axis along which; of the flattened array if left out"))
            .formula("y_i = x_{\\lfloor i / r \\rfloor}", ADD_UP)
            .example("y = repeat(x, repeats=2)\nf = sum(y * [1, 2, 3, 4])", Tensor.vector(1, 2))
            .as(a -> {
                int repeats = a.integer("repeats", 0, Integer.MAX_VALUE);
                return moving("repeat", a, x -> a.has("axis") ? repeat(x, repeats, a.integer("axis")) : repeat(flatten(x, 0), repeats, 0));
            });
    static final OpDefinition FLIP = define("flip",
            Attribute.optional("axis", Attribute.Type.INTS, null, "the axes to reverse; all if left out"))
            .formula("y_i = x_{n - 1 - i}", "\\bar x = \\operatorname{flip}(\\bar y)", Backward.regardless("axis"))
            .example("y = flip(x)\nf = sum(y * [1, 2, 3])", Tensor.vector(1, 2, 4))
            .as(a -> moving("flip", a, x -> flip(x, a.integers("axis")))).traits(Trait.VIEW);
    static final OpDefinition ROLL = define("roll",
            Attribute.required("shift", Attribute.Type.INTS, "by how much, for each axis"),
            Attribute.optional("axis", Attribute.Type.INTS, null, "the axes; the flattened array is rolled if left out"))
            .formula("y_i = x_{(i - s) \\bmod n}", "\\bar x = \\operatorname{roll}_{-s}(\\bar y)", Backward.attribute("s", "shift"))
            .example("y = roll(x, shift=1)\nf = sum(y * [1, 2, 3])", Tensor.vector(1, 2, 4))
            .as(a -> moving("roll", a, x -> roll(x, list(a, "shift"), a.integers("axis"))));

    static final List<OpDefinition> ALL = List.of(FLATTEN, SWAPAXES, MOVEAXIS, SQUEEZE, EXPAND_DIMS, TILE, REPEAT, FLIP, ROLL);

    private Rearranging() {}

    private static OpDefinition define(String name, Attribute... attributes) {
        return OpDefinition.define(name, Family.MOVEMENT, "x").attribute(attributes);
    }

    private static Composite moving(String name, Attributes attributes, Function<Node, Node> circuit) {
        return Composite.moving(name, attributes, x -> circuit.apply(x[0]));
    }

    private static List<Integer> list(Attributes a, String name) {
        return Objects.requireNonNull(a.integers(name));
    }

    static Node flatten(Node x, int startAxis) {
        Shape shape = x.shape();
        int start = shape.isScalar() && (startAxis == 0 || startAxis == -1) ? 0 : shape.axis(startAxis);
        return reshape(x, shape.sub(0, start).concat(Shape.of(shape.sub(start, shape.rank()).length())));
    }

    static Node swapaxes(Node x, int axis1, int axis2) {
        List<Integer> order = order(x.shape());
        Collections.swap(order, x.shape().axis(axis1), x.shape().axis(axis2));
        return transpose(x, order);
    }

    private static List<Integer> order(Shape shape) {
        return new ArrayList<>(IntStream.range(0, shape.rank()).boxed().toList());
    }

    static Node moveaxis(Node x, List<Integer> source, List<Integer> destination) {
        Shape shape = x.shape();
        if (source.size() != destination.size()) {
            throw new ShapeException("there are " + source.size() + " axes to move and " + destination.size() + " places for them",
                    source.size() + " places", destination.toString()).by("destination");
        }
        boolean[] moved = shape.axes(source.stream().mapToInt(Integer::intValue).toArray());
        boolean[] taken = shape.axes(destination.stream().mapToInt(Integer::intValue).toArray());
        List<Integer> order = order(shape);
        for (int from = 0, to = 0; to < order.size(); to++) {
            if (!taken[to]) {
                while (moved[from]) {
                    from++;
                }
                order.set(to, from++);
            }
        }
        for (int i = 0; i < source.size(); i++) {
            order.set(shape.axis(destination.get(i)), shape.axis(source.get(i)));
        }
        return transpose(x, order);
    }

    private static Node squeeze(Node x, @Nullable List<Integer> axis) {
        Shape shape = x.shape();
        boolean[] dropped = new boolean[shape.rank()];
        for (int i = 0; axis == null && i < dropped.length; i++) {
            dropped[i] = shape.dim(i) == 1;
        }
        if (axis != null) {
            dropped = shape.axes(axis.stream().mapToInt(Integer::intValue).toArray());
        }
        for (int i : Reductions.numbers(dropped)) {
            if (shape.dim(i) != 1) {
                throw new ShapeException("axis " + i + " of shape " + shape + " has length " + shape.dim(i), "an axis of length 1",
                        String.valueOf(i)).by("axis");
            }
        }
        return reshape(x, shape.reduced(dropped, false));
    }

    static Node expandDims(Node x, List<Integer> axis) {
        int[] dims = new int[x.shape().rank() + axis.size()];
        boolean[] added = Shape.of(dims).axes(axis.stream().mapToInt(Integer::intValue).toArray());
        for (int i = 0, from = 0; i < dims.length; i++) {
            dims[i] = added[i] ? 1 : x.shape().dim(from++);
        }
        return reshape(x, Shape.of(dims));
    }

    /** Puts an axis of length 1 before each axis, stretches it, and joins the two. */
    private static Node tile(Node x, Shape reps) {
        int rank = Math.max(reps.rank(), x.shape().rank());
        int[] apart = new int[2 * rank];
        int[] stretched = new int[2 * rank];
        int[] result = new int[rank];
        for (int i = 0; i < rank; i++) {
            int own = i - rank + x.shape().rank();
            int times = i - rank + reps.rank();
            apart[2 * i] = 1;
            apart[2 * i + 1] = own < 0 ? 1 : x.shape().dim(own);
            stretched[2 * i] = times < 0 ? 1 : reps.dim(times);
            stretched[2 * i + 1] = apart[2 * i + 1];
            result[i] = product(stretched[2 * i], apart[2 * i + 1]);
        }
        return reshape(broadcastTo(reshape(x, Shape.of(apart)), Shape.of(stretched)), Shape.of(result));
    }

    private static int product(int a, int b) {
        return Shape.of(a, b).length();
    }

    private static Node repeat(Node x, int repeats, int axis) {
        Shape shape = x.shape();
        int at = shape.axis(axis);
        Node apart = reshape(x, shape.inserted(at + 1, 1));
        return reshape(broadcastTo(apart, shape.inserted(at + 1, repeats)), shape.with(at, product(shape.dim(at), repeats)));
    }

    static Node flip(Node x, @Nullable List<Integer> axis) {
        List<Object> at = new ArrayList<>();
        boolean[] all = x.shape().axes(axis == null
                ? IntStream.range(0, x.shape().rank()).toArray()
                : axis.stream().mapToInt(Integer::intValue).toArray());
        for (boolean reversed : all) {
            at.add(reversed ? "::-1" : ":");
        }
        return index(x, at);
    }

    private static Node roll(Node x, List<Integer> shift, @Nullable List<Integer> axis) {
        if (axis == null) {
            return reshape(roll(flatten(x, 0), shift, List.of(0)), x.shape());
        }
        if (shift.size() != axis.size() && shift.size() != 1 && axis.size() != 1) {
            throw new ShapeException("there are " + shift.size() + " shifts and " + axis.size() + " axes", axis.size() + " shifts",
                    shift.toString()).by("shift");
        }
        int[] by = new int[x.shape().rank()];
        for (int i = 0; i < (shift.isEmpty() || axis.isEmpty() ? 0 : Math.max(shift.size(), axis.size())); i++) {
            int at = x.shape().axis(axis.get(axis.size() == 1 ? 0 : i));
            int n = Math.max(1, x.shape().dim(at));
            by[at] = (int) Math.floorMod((long) by[at] + shift.get(shift.size() == 1 ? 0 : i), (long) n);
        }
        Node rolled = x;
        for (int at = 0; at < by.length; at++) {
            int n = x.shape().dim(at);
            if (by[at] > 0) {
                rolled = join(at, part(rolled, at, n - by[at], n), part(rolled, at, 0, n - by[at]));
            }
        }
        return rolled;
    }

    /** Positions {@code from} to {@code to} (exclusive) of an axis counted from the front. */
    static Node part(Node x, int axis, int from, int to) {
        List<Object> at = new ArrayList<>(Collections.nCopies(axis, (Object) ":"));
        at.add(from + ":" + to);
        return index(x, at);
    }

    static Node join(int axis, Node... parts) {
        return parts[0].graph().add(new Join(false, axis), parts);
    }
}
