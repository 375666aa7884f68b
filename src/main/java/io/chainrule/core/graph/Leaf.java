package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node without operands. Its value is supplied, not computed. */
public sealed interface Leaf extends Op {
    /** A value supplied with each run; the shape is known beforehand only if the program declares it. */
    record Input(String id, @Nullable Shape declared) implements Leaf {
        @Override
        public String name() {
            return "input";
        }

        @Override
        public Map<String, Object> attributes() {
            return declared == null ? Map.of() : Map.of("shape", declared.toList());
        }

        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            return null;
        }

        @Override
        public Shape shape(Shape... operands) {
            if (declared == null) {
                throw new ShapeException("the shape of input '" + id + "' is not known");
            }
            return declared;
        }
    }

    /** An array that is part of the program. */
    record Constant(Tensor value) implements Leaf {
        @Override
        public String name() {
            return "constant";
        }

        @Override
        public Shape shape(Shape... operands) {
            return value.shape();
        }

        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            double[] bounds = Arrays.stream(value.data()).map(Literal::rounding).toArray();
            boolean isExact = Arrays.stream(bounds).allMatch(bound -> bound == 0);
            return isExact ? null : node.graph().constant(Tensor.of(value.shape(), bounds));
        }
    }

    /** A number written as an operand. It has no id, is not shown as a node, and is never differentiated. */
    record Literal(double value) implements Leaf {
        @Override
        public String name() {
            return "literal";
        }

        @Override
        public Shape shape(Shape... operands) {
            return Shape.SCALAR;
        }

        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            double bound = rounding(value);
            return bound == 0 ? null : node.graph().literal(bound);
        }

        /**
         * How far a number that stands in a program may be from the one that was meant: 0 where the shortest decimal number that is read as
         * this double is the double, as 0.5 is and 0.1 is not. The factor of 2 allows for constants that rules make of others.
         */
        public static double rounding(double number) {
            boolean isExact = number == Math.rint(number) && Math.abs(number) <= 0x1p53 || !(Math.abs(number) < Double.MAX_VALUE)
                    || new BigDecimal(number).compareTo(new BigDecimal(Double.toString(number))) == 0;
            return isExact ? 0 : Math.ulp(number);
        }
    }

    @Override
    default Family family() {
        return Family.LEAF;
    }

    @Override
    default Kernel prepare(Shape[] operands, Shape result) {
        throw new IllegalStateException("a leaf has no operands to be evaluated from");
    }

    @Override
    default Node batch(Node[] operands, boolean[] batched, int n) {
        throw new IllegalStateException("a leaf has no operands to be mapped over");
    }

    @Override
    default long flops(Shape[] operands, Shape result) {
        return 0;
    }

    @Override
    default @Nullable Node vjp(Node node, int operand, Node cotangent) {
        return null;
    }

    @Override
    default @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        return null;
    }
}
