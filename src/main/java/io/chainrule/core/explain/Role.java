package io.chainrule.core.explain;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import io.chainrule.core.print.BackwardPrinter;
import java.util.function.Supplier;

/** What a gate does with the gradient that arrives at it, as the lecture calls it. It follows from the op's family and traits. */
enum Role {
    /** Adds or subtracts: hands the gradient on. */
    DISTRIBUTES("distributes"),
    /** Multiplies: each factor gets the gradient times the other factor. */
    SWITCHES("switches"),
    /** Chooses: the gradient goes to the one that was chosen. */
    ROUTES("routes"),
    /** Moves elements: so does the gradient. */
    MOVES("moves"),
    /** Copies elements: the gradients of the copies add up. */
    COPIES("copies"),
    /** Is made of some elements as they are, or of their sum: these get its gradient. */
    PASSES("passes"),
    /** Takes means: each element gets its share of the gradient. */
    SHARES("shares"),
    /** Sums the elements of an array: each gets the gradient. */
    HANDS_OUT("hands-out"),
    /** A product of arrays. */
    MULTIPLIES("multiplies"),
    /** Uses an operand in several places, as a bias: their gradients add up. */
    COLLECTS("collects"),
    /** Compares its operands, as a loss does. */
    COMPARES("compares"),
    /** Any other elementwise op. */
    SCALES("scales"),
    /** Any other op. */
    MIXES("mixes");

    private final String id;

    Role(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }

    /** The role of a node towards one of its operands; {@code form} tells the kind of its form, if it is not elementwise. */
    static Role of(Graph graph, int node, boolean isElementwise, Supplier<BackwardPrinter.Kind> form) {
        OpDefinition op = OpCatalogue.of(graph.op(node));
        int operands = graph.operandCount(node);
        if (op.has(Trait.ROUTES)) {
            return ROUTES;
        } else if (!isElementwise && (op.has(Trait.COMPARES) || op.has(Trait.CLASS_LABELS))) {
            return COMPARES;
        } else if (!isElementwise) {
            return switch (op.family()) {
                case MOVEMENT -> form.get() == BackwardPrinter.Kind.SUMMED ? COPIES : MOVES;
                case BILINEAR -> MULTIPLIES;
                default -> op.family() == Family.LINEAR && op.has(Trait.SUMS) ? HANDS_OUT : of(form.get());
            };
        } else if (op.has(Trait.SUMS)) {
            return DISTRIBUTES;
        }
        // A polynomial of two operands that is zero only where one of them is, is their product.
        boolean isProduct = operands == 2 && op.has(Trait.POLYNOMIAL) && op.has(Trait.ZERO_BY_OPERANDS);
        return isProduct ? SWITCHES : SCALES;
    }

    private static Role of(BackwardPrinter.Kind form) {
        return switch (form) {
            case PRODUCT -> MULTIPLIES;
            case PLACED -> PASSES;
            case SUMMED -> COLLECTS;
            case SHARED -> SHARES;
            case OTHER -> MIXES;
        };
    }
}
