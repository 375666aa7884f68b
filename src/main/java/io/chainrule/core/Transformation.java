package io.chainrule.core;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a compiled function computes of a program. */
public sealed interface Transformation {

    /** Whether a function answers gradients by the names to differentiate by. */
    default boolean hasGradients() {
        return switch (this) {
            case Gradient _,Vjp _,Hvp _ -> true;
            case TrainingStep step -> step.hasGradient();
            default -> false;
        };
    }

    /** Returns this transformation without remarks. Those that never make remarks are returned as they are. */
    default Transformation withoutRemarks() {
        return switch (this) {
            case Value _ -> new Value(Remarks.NONE);
            case Gradient(var cotangent, var locals, var _, var extra) -> new Gradient(cotangent, locals, Remarks.NONE, extra);
            case Vjp _,Jvp _,Hvp _,Jacobians _,Hessian _,Check _,Derivative _,Grade _,Description _,TrainingStep _ -> this;
        };
    }

    /** The value of the output and of the listed nodes. */
    record Value(Remarks remarks) implements Transformation {
        public Value() {
            this(Remarks.ALL);
        }
    }

    /** Whether a run notes what {@link Outcome} can say of it beside its results; if not, it checks nothing. */
    enum Remarks {
        ALL,
        NONE
    }

    /**
     * The value and the gradient of the output by the names in {@code wrt} and by the listed nodes.
     *
     * @param cotangent the shape of the output's cotangent if each call supplies one; if empty, the output is a scalar and its cotangent is
     *        1
     * @param locals which local Jacobians a call returns
     * @param extra what a call answers besides
     */
    record Gradient(Shapes cotangent, Locals locals, Remarks remarks, Extra extra) implements Transformation {
        public Gradient(Shapes cotangent, Locals locals) {
            this(cotangent, locals, Remarks.ALL);
        }

        public Gradient(Shapes cotangent, Locals locals, Remarks remarks) {
            this(cotangent, locals, remarks, Extra.NOTHING);
        }
    }

    /** What a gradient may be answered with. */
    enum Extra {
        NOTHING,
        /** Bounds of the rounding errors of the value and the gradients by the names in {@code wrt}. */
        DIGITS,
        /** The contributions to the gradients by the names in {@code wrt} and by the listed nodes. */
        CONTRIBUTIONS
    }

    /** Which local Jacobians a gradient includes: those of at most 1,024 entries, all within the limits, or none. */
    enum Locals {
        AUTO,
        ALL,
        NONE
    }

    /** Vector–Jacobian products: cotangents of named nodes, pulled back to the names in {@code wrt}. */
    record Vjp(Shapes cotangents) implements Transformation {}

    /** Jacobian–vector products: tangents of named nodes, pushed forward to the nodes {@code of}; null for the output. */
    record Jvp(Shapes tangents, @Nullable List<String> of) implements Transformation {}

    /** Hessian–vector products, forward over reverse. */
    record Hvp(Shapes vectors) implements Transformation {}

    /**
     * Whole Jacobians of the nodes {@code of}, null for the output, by all names to differentiate by; or those of {@code pairs}.
     *
     * @param pairs if there are any, {@code of} is null and the signature names nothing to differentiate by
     */
    record Jacobians(@Nullable List<String> of, List<Pairs> pairs, Mode mode, Extent extent) implements Transformation {
        public Jacobians(@Nullable List<String> of, Mode mode, Extent extent) {
            this(of, List.of(), mode, extent);
        }
    }

    /** What is answered of Jacobians, and how many entries they may have. */
    enum Extent {
        /** An entry for every pair of elements, zeros included. */
        DENSE,
        /** The entries that can be other than zero. */
        ENTRIES,
        /** The same, of which only some are held at once, so that there may be more of them. */
        STREAM
    }

    /** A node to differentiate, and the names to differentiate it by. */
    record Pairs(String of, List<String> by) {}

    /** Forward or reverse mode; AUTO chooses the cheaper one. */
    enum Mode {
        AUTO,
        FORWARD,
        REVERSE
    }

    /** The Jacobian of the gradient; {@code dense} says whether it has an entry for every pair of elements, zeros included. */
    record Hessian(boolean dense) implements Transformation {}

    /** The gradient (order 1) or the Hessian (order 2), compared with differences of the function's values. */
    record Check(int order) implements Transformation {
        public Check {
            if (order != 1 && order != 2) {
                throw new IllegalArgumentException("derivatives of order 1 or 2 are checked, not " + order);
            }
        }
    }

    /** The derivative of the output by each name, as a program. */
    record Derivative() implements Transformation {}

    /**
     * The lines of a program that compute its own backward pass, each compared with the gradient that it claims to be.
     *
     * @param claims the nodes of which lines claim to be the gradients, by name of the line; names such as {@code dx} need no entry
     */
    record Grade(Map<String, String> claims) implements Transformation {}

    /** The program itself, with what its value and gradient cost. */
    record Description() implements Transformation {}

    /**
     * A training step: the loss, and its gradient by the names in {@code wrt}, which must be inputs; for a network also the running
     * statistics of the batch.
     *
     * @param carriers the inputs that carry samples, which cannot be trained
     * @param hasGradient whether the gradient is computed; a validation needs only values
     * @param hasMetrics whether the values of {@code prediction} and {@code target} are needed
     * @param prediction the node that metrics compare with the target; null for a network's last layer
     */
    record TrainingStep(List<String> carriers, boolean hasGradient, boolean hasMetrics, @Nullable String prediction,
            @Nullable String target) implements Transformation {
        /** The names under which {@link BoundProgram#of} has the nodes that metrics compare. */
        public static final String PREDICTION = "prediction";
        public static final String TARGET = "target";
    }
}
