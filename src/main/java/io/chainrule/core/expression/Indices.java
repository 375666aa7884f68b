package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads what stands in the brackets of {@code x[...]}: whole numbers, slices, an ellipsis. */
final class Indices {
    private final SyntaxTree tree;
    private final WholeNumbers numbers;
    private int next;

    Indices(SyntaxTree tree, WholeNumbers numbers) {
        this.tree = tree;
        this.numbers = numbers;
    }

    /** The node that ends the index that was read last. */
    int next() {
        return next;
    }

    /** The items, numbers ({@link Double}) and texts like "1:3"; null where a number in them is not known. */
    @Nullable
    List<Object> read(int first, int end) {
        List<Object> items = new ArrayList<>();
        boolean isKnown = true;
        next = first;
        while (next < end && tree.kind(next) != Syntax.SUBSCRIPT) {
            switch (tree.kind(next)) {
                case ELLIPSIS -> items.add("...");
                case SLICE -> items.add(slice(tree.extent(next), items));
                default -> {
                    int token = tree.token(next);
                    OptionalLong number = numbers.read(next, end, WholeNumberSyntax.INDEX, WholeNumberSyntax.IN_INDEX);
                    isKnown &= number.isPresent();
                    if (Math.abs(number.orElse(0)) > Integer.MAX_VALUE) {
                        throw tree.tokens().syntaxError(token, "the index " + number.orElse(0) + " is too large");
                    }
                    items.add((double) number.orElse(0));
                    next = numbers.next() - 1;
                }
            }
            next++;
        }
        return isKnown ? items : null;
    }

    /** Takes the bounds that a slice has off the items. */
    private static String slice(int bounds, List<Object> items) {
        String step = (bounds & 4) == 0 ? "" : ":" + bound(items);
        String stop = (bounds & 2) == 0 ? "" : bound(items);
        String start = (bounds & 1) == 0 ? "" : bound(items);
        return start + ":" + stop + step;
    }

    private static String bound(List<Object> items) {
        return Long.toString(((Double) items.removeLast()).longValue());
    }
}
