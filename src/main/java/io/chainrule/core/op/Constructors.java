package io.chainrule.core.op;

import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ops without operands, whose arrays are made from attributes alone. */
final class Constructors {
    private static final Tensor SAMPLE = Tensor.vector(-1, 0.5, 2);
    private static final Attribute SHAPE = Attribute.required("shape", Attribute.Type.INTS, "lengths of the axes");
    private static final Attribute STOP = Attribute.required("stop", Attribute.Type.NUMBER, "where it ends");
    private static final String CONSTANT = "0 \\text{: a constant}";

    static final OpDefinition ZEROS = define("zeros").latex("\\mathbf{0}").attribute(SHAPE).formula("y_{i \\dots} = 0", CONSTANT)
            .example("y = maximum(x, zeros(shape=[3]))\nf = sum(y^2)", "x", SAMPLE).as(a -> filled("zeros", a, 0)).traits(FINITE);
    static final OpDefinition ONES = define("ones").latex("\\mathbf{1}").attribute(SHAPE).formula("y_{i \\dots} = 1", CONSTANT)
            .example("y = x + ones(shape=[3])\nf = sum(y^2)", "x", SAMPLE).as(a -> filled("ones", a, 1))
            .traits(FINITE, NONZERO_AT_ZERO, POSITIVE);
    static final OpDefinition FULL = define("full")
            .attribute(SHAPE, Attribute.required("value", Attribute.Type.NUMBER, "every element")).formula("y_{i \\dots} = v", CONSTANT)
            .example("y = x - full(shape=[3], value=0.5)\nf = sum(y^2)", "x", SAMPLE).as(a -> filled("full", a, a.number("value")))
            .traits(FINITE, ISOLATED_ZEROS);
    static final OpDefinition EYE = define("eye").latex("I")
            .attribute(Attribute.required("n", Attribute.Type.INT, "number of rows and columns"))
            .formula("y_{ij} = [i = j]", CONSTANT).example("y = eye(n=3) @ x\nf = sum(y^2)", "x", SAMPLE).as(a -> {
                int n = a.integer("n", 0, Integer.MAX_VALUE);
                return new Constructor("eye", a.written(), Shape.of(n, n), y -> {
                    Arrays.fill(y, 0);
                    for (int i = 0; i < n; i++) {
                        y[i * (n + 1)] = 1;
                    }
                });
            }).traits(FINITE);
    static final OpDefinition ARANGE = define("arange")
            .attribute(Attribute.optional("start", Attribute.Type.NUMBER, 0.0, "the first element"),
                    Attribute.required("stop", Attribute.Type.LIMIT, "where it ends"),
                    Attribute.optional("step", Attribute.Type.NUMBER, 1.0, "from one element to the next"))
            .formula("y_i = a + i s,\\ i < (b - a) / s", CONSTANT).example("f = sum(x * arange(stop=3))", "x", SAMPLE)
            .as(Constructors::arange).traits(FINITE);
    static final OpDefinition LINSPACE = define("linspace")
            .attribute(Attribute.required("start", Attribute.Type.NUMBER, "the first element"), STOP,
                    Attribute.required("num", Attribute.Type.INT, "how many, both ends included"))
            .formula("y_i = a + i \\frac{b - a}{n - 1}", CONSTANT).example("f = sum(x * linspace(start=0, stop=1, num=3))", "x", SAMPLE)
            .as(a -> {
                double start = a.number("start");
                double stop = a.number("stop");
                int n = a.integer("num", 0, Integer.MAX_VALUE);
                return new Constructor("linspace", a.written(), Shape.of(n),
                        y -> Arrays.setAll(y, i -> i == 0 ? start : i == n - 1 ? stop : between(start, stop, i, n - 1)));
            }).traits(FINITE);

    static final List<OpDefinition> ALL = List.of(ZEROS, ONES, FULL, EYE, ARANGE, LINSPACE);

    private Constructors() {}

    private static OpDefinition define(String name) {
        return OpDefinition.define(name, Family.CUSTOM);
    }

    private static Op filled(String name, Attributes a, double value) {
        return new Constructor(name, a.written(), a.shape("shape"), y -> Arrays.fill(y, value));
    }

    /** The length as in NumPy: (stop − start) / step, rounded up. */
    private static Op arange(Attributes a) {
        double start = a.number("start");
        double step = a.nonzero("step");
        double count = Math.max(0, Math.ceil((a.number("stop") - start) / step));
        if (!(count <= Integer.MAX_VALUE)) {
            throw new ProblemException(Attributes.bad(ARANGE, "stop", "would have " + count + " elements")
                    .expected("at most " + Integer.MAX_VALUE + " elements", String.valueOf(count)));
        }
        return new Constructor("arange", a.written(), Shape.of((int) count), y -> Arrays.setAll(y, i -> start + i * step));
    }

    private static double between(double start, double stop, int i, int n) {
        double length = stop - start;
        return Double.isInfinite(length) ? start * (1 - (double) i / n) + stop * ((double) i / n) : start + length * i / n;
    }

    /** Writes every element. */
    interface Filling {
        void fill(double[] y);
    }

    /** An array of a given shape, whose elements are written by {@code filling}. */
    record Constructor(String name, Map<String, Object> attributes, Shape made, Filling filling) implements FlatOp {
        @Override
        public Family family() {
            return Family.CUSTOM;
        }

        @Override
        public Shape shape(Shape... operands) {
            return made;
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            return (x, y, checkpoint) -> filling.fill(y);
        }

        @Override
        public long flops(Shape[] operands, Shape result) {
            return result.size();
        }

        @Override
        public Node error(Node node, @Nullable Node[] errors) {
            return Errors.ofWritten(node);
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            throw new IllegalStateException(name + " has no operand to be mapped over");
        }
    }
}
