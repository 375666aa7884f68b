package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Borders, triangles, diagonals and other parts of arrays. */
final class Regions {
    private static final Tensor SAMPLE = Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6});

    static final OpDefinition PAD = OpDefinition.define("pad", Family.MOVEMENT, "x")
            .attribute(
                    Attribute.required("pad_width", Attribute.Type.LISTS, "[before, after] for each axis; one pair stands for all"),
                    Attribute.optional("mode", Attribute.Type.TEXT, "constant", "'constant'"),
                    Attribute.optional("value", Attribute.Type.NUMBER, 0.0, "what stands in the border"))
            .formula("x \\text{ within a border}", "\\bar x = \\bar y \\text{ without its border}", Backward.regardless("value"))
            .example("y = pad(x, pad_width=[[1, 2]])\nf = sum(y * [1, 2, 3, 4, 5])", Tensor.vector(1, 2)).as(a -> {
                List<Shape> widths = widths(a);
                double value = a.number("value");
                return Composite.moving("pad", a, x -> pad(x[0], widths, value));
            });
    static final OpDefinition TRIL = triangle("tril", true, "j - i \\le k");
    static final OpDefinition TRIU = triangle("triu", false, "j - i \\ge k");
    static final OpDefinition DIAG = OpDefinition.define("diag", Family.MOVEMENT, "x")
            .attribute(Attribute.optional("k", Attribute.Type.INT, 0, "which diagonal; positive ones are above the main one"))
            .formula("\\operatorname{diag}_k(x)", "\\bar x = \\operatorname{diag}_k(\\bar y)", Backward.attribute("k", "k"))
            .convention("the matrix with a vector on its diagonal, or the diagonal of a matrix")
            .example("y = diag(x)\nf = sum(y @ [1, 2])", Tensor.vector(1, 2))
            .as(a -> Composite.moving("diag", a, x -> diag(x[0], a.integer("k")))).traits(Trait.VIEW);
    static final OpDefinition DIAGONAL = OpDefinition.define("diagonal", Family.MOVEMENT, "x")
            .attribute(Attribute.optional("offset", Attribute.Type.INT, 0, "which diagonal; positive ones are above the main one"),
                    Attribute.optional("axis1", Attribute.Type.INT, 0, "the axis of rows"),
                    Attribute.optional("axis2", Attribute.Type.INT, 1, "the axis of columns"))
            .formula("y_i = x_{i, i + k}", "\\bar x_{i, i + k} = \\bar y_i, \\text{ else } 0", Backward.attribute("k", "offset"))
            .example("y = diagonal(x)\nf = y[0] * y[1]", SAMPLE)
            .as(a -> Composite.moving("diagonal", a,
                    x -> diagonal(x[0], a.integer("offset"), a.integer("axis1"), a.integer("axis2"))))
            .traits(Trait.VIEW);
    static final OpDefinition SLICE = OpDefinition.define("slice", Family.MOVEMENT, "x")
            .attribute(Attribute.optional("start", Attribute.Type.INTS, null, "where to begin, for each axis"),
                    Attribute.optional("stop", Attribute.Type.INTS, null, "where to end (exclusive), for each axis"),
                    Attribute.optional("step", Attribute.Type.INTS, null, "the step for each axis; 1 if left out"))
            .formula("x[a:b:s, \\dots]", "\\bar x = \\bar y \\text{ at its place, else } 0",
                    Backward.regardless("start", "stop", "step"))
            .example("y = slice(x, start=[0, 1], stop=[2, 3])\nf = sum(y^2)", SAMPLE)
            .as(a -> Composite.moving("slice", a, x -> index(x[0], Indexing.shortest(slices(a))))).traits(Trait.VIEW)
            .vanishes(", which cuts it off");
    static final OpDefinition MASKED_FILL = OpDefinition.define("masked_fill", Family.COMPOSITE, "x", "mask")
            .attribute(Attribute.required("value", Attribute.Type.NUMBER, "what stands where the mask is not 0"))
            .formula("v \\text{ if } m \\ne 0 \\text{ else } x", "[m = 0],\\ 0")
            .convention("what is filled gets a gradient of exactly 0")
            .example("y = masked_fill(x, mask, value=-1)\nf = sum(y^2)", Tensor.vector(1, 2, 3), Tensor.vector(0, 1, 0))
            .as(a -> Composite.of("masked_fill", a, x -> where(x[1], a.number("value"), x[0])).ignoring(1))
            .vanishes(", whose mask covers it");

    static final List<OpDefinition> ALL = List.of(PAD, TRIL, TRIU, DIAG, DIAGONAL, SLICE, MASKED_FILL);

    private Regions() {}

    private static OpDefinition triangle(String name, boolean lower, String where) {
        return OpDefinition.define(name, Family.MOVEMENT, "x")
                .attribute(
                        Attribute.optional("k", Attribute.Type.INT, 0, "the diagonal that bounds it; positive ones are above the main one"))
                .formula("x_{ij} [" + where + "]", "\\bar x_{ij} = \\bar y_{ij} [" + where + "]",
                        Backward.attribute("k", "k").and(Backward.told("[\\,]", "bracket")))
                .example("y = " + name + "(x)\nf = sum(y^2)", SAMPLE).as(a -> new Triangle(lower, a.integer("k")));
    }

    private static List<Shape> widths(Attributes a) {
        List<Shape> widths = new ArrayList<>();
        for (Object item : a.items("pad_width")) {
            List<?> pair = (List<?>) item;
            boolean fits = pair.size() == 2 && pair.stream().allMatch(width -> width instanceof Integer n && n >= 0);
            if (!fits) {
                throw new ProblemException(Attributes.bad(PAD, "pad_width", "attribute 'pad_width' has an entry that is no pair of widths")
                        .expected("[before, after], both from 0", pair.toString()));
            }
            widths.add(Shape.of((Integer) pair.get(0), (Integer) pair.get(1)));
        }
        String mode = a.text("mode");
        if (!mode.equals("constant")) {
            throw new ProblemException(Attributes.bad(PAD, "mode", "has no mode '" + mode + "'").expected("'constant'", mode));
        }
        return widths;
    }

    private static Node pad(Node x, List<Shape> widths, double value) {
        int rank = x.shape().rank();
        if (widths.size() != rank && widths.size() != 1) {
            throw new ShapeException("there are " + widths.size() + " pairs of widths for shape " + x.shape(), rank + " pairs",
                    String.valueOf(widths.size())).by("pad_width");
        }
        Node padded = x;
        for (int axis = 0; axis < rank; axis++) {
            Shape width = widths.get(widths.size() == 1 ? 0 : axis);
            List<Node> parts = new ArrayList<>();
            Node fill = number(x.graph(), value);
            if (width.dim(0) > 0) {
                parts.add(broadcastTo(fill, padded.shape().with(axis, width.dim(0))));
            }
            parts.add(padded);
            if (width.dim(1) > 0) {
                parts.add(broadcastTo(fill, padded.shape().with(axis, width.dim(1))));
            }
            padded = parts.size() == 1 ? padded : Rearranging.join(axis, parts.toArray(Node[]::new));
        }
        return padded;
    }

    private static Node diag(Node x, int k) {
        if (x.shape().rank() == 2) {
            return diagonal(x, k, 0, 1);
        }
        if (x.shape().rank() != 1) {
            throw new ShapeException("diag takes a vector or a matrix, not shape " + x.shape(), "1 or 2 axes", x.shape().toString());
        }
        int n = x.shape().dim(0);
        long side = n + Math.abs((long) k);
        if (side * side > Integer.MAX_VALUE - 8) {
            throw new ShapeException("a matrix of " + side + " rows and columns has more elements than an array can hold");
        }
        int length = (int) side;
        List<Object> place = List.of(stride(k, length, n));
        return reshape(x.graph().add(new Indexing.Scatter(Shape.of(length * length), List.of(place)), x), Shape.of(length, length));
    }

    /** The elements of a diagonal in a flattened matrix. */
    private static String stride(int offset, int columns, int n) {
        int start = offset >= 0 ? offset : -offset * columns;
        return start + ":" + (start + (n - 1) * (columns + 1) + 1) + ":" + (columns + 1);
    }

    /** Makes matrices with the last axis on their diagonal. */
    static Node diagonal(Node x, int offset, int axis1, int axis2) {
        int rank = x.shape().rank();
        boolean[] both = x.shape().axes(axis1, axis2);
        int rows = x.shape().dim(x.shape().axis(axis1));
        int columns = x.shape().dim(x.shape().axis(axis2));
        long n = Math.max(0, offset >= 0 ? Math.min(rows, (long) columns - offset) : Math.min((long) rows + offset, columns));
        Shape kept = x.shape().reduced(both, false);
        Shape result = kept.inserted(rank - 2, (int) n);
        if (result.size() == 0) {
            return broadcastTo(number(x.graph(), 0), result);
        }
        Node last = Rearranging.moveaxis(x, List.of(axis1, axis2), List.of(rank - 2, rank - 1));
        return index(Rearranging.flatten(last, rank - 2), List.of("...", stride(offset, columns, (int) n)));
    }

    private static List<Object> slices(Attributes a) {
        List<Object> at = new ArrayList<>();
        List<@Nullable List<Integer>> parts = new ArrayList<>();
        parts.add(a.integers("start"));
        parts.add(a.integers("stop"));
        parts.add(a.integers("step"));
        int axes = parts.stream().filter(Objects::nonNull).mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < axes; i++) {
            StringBuilder text = new StringBuilder();
            for (List<Integer> part : parts) {
                text.append(part == null || i >= part.size() ? "" : part.get(i)).append(':');
            }
            at.add(text.substring(0, text.length() - 1));
        }
        return at;
    }

    /** The part of each matrix on one side of a diagonal, zeros on the other. */
    static final class Triangle extends Movement {
        private final boolean lower;
        private final int k;

        Triangle(boolean lower, int k) {
            this.lower = lower;
            this.k = k;
        }

        @Override
        public String name() {
            return lower ? "tril" : "triu";
        }

        @Override
        public Map<String, Object> attributes() {
            return k == 0 ? Map.of() : Map.of("k", k);
        }

        @Override
        public Shape shape(Shape... operands) {
            if (operands[0].rank() < 2) {
                throw new ShapeException(name() + " takes matrices, not shape " + operands[0], "at least 2 axes", operands[0].toString());
            }
            return operands[0];
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            int columns = result.last();
            int rows = result.dim(result.rank() - 2);
            return (x, y, checkpoint) -> {
                for (int at = 0, row = 0; at < y.length; at += columns, row = row + 1 == rows ? 0 : row + 1) {
                    for (int j = 0; j < columns; j++) {
                        long above = (long) j - row;
                        boolean inside = lower ? above <= k : above >= k;
                        y[at + j] = inside ? x[0][at + j] : 0;
                    }
                }
            };
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            return operands[0].graph().add(this, operands[0]);
        }

        @Override
        Node transposed(Node node, int operand, Node cotangent) {
            return node.graph().add(this, cotangent);
        }
    }
}
