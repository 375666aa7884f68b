package io.chainrule.core.expression;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Says of which function, and by which inputs, a program's last expression asks for the gradient, as {@code jax.grad(f)(x)} or {@code
 * torch.autograd.grad(y, x)}.
 */
final class GradientRequest {
    private final SyntaxTree tree;
    /** The arguments of the call before a GRADIENT. */
    private int[] arguments = {};
    /** The nodes by which the gradient is asked; null if it is not. */
    private int @Nullable [] by;
    /** The node of the tree behind what asks for it. */
    private int behind;

    GradientRequest(SyntaxTree tree) {
        this.tree = tree;
    }

    /**
     * Notes a call whose gradient is asked, or that asks for one. Returns the next node: {@code next}, or the one behind an index that
     * selects the gradient by the first argument.
     */
    int call(Call call, int[] operands, int next, int end) {
        if (next < end && tree.kind(next) == Syntax.GRADIENT) {
            arguments = operands.length == 0 ? new int[]{NodeWriter.BROKEN} : operands;
        } else if (call.callee instanceof Call.Callee.GradientOf && operands.length > 1) {
            by = Arrays.copyOfRange(operands, 1, operands.length);
            behind = isFirstItem(next, end) ? tree.extent(next) + 1 : next;
            return behind;
        }
        return next;
    }

    /** Whether an index behind a call selects the first of its results. */
    private boolean isFirstItem(int node, int end) {
        return node < end && tree.kind(node) == Syntax.INDEX && tree.extent(node) == node + 2 && tree.kind(node + 1) == Syntax.NUMBER
                && tree.tokens().number(tree.token(node + 1)) == 0;
    }

    /** Asks for the gradient of the call that was noted last, by its first argument. */
    void ask(int next) {
        by = new int[]{arguments[0]};
        behind = next;
    }

    /** Returns the nodes by which the gradient is asked, and forgets them; null if it is not. */
    int @Nullable [] take() {
        int[] taken = by;
        by = null;
        return taken;
    }

    /** Whether the gradient is asked, and nothing stands between that and a node. */
    boolean isAskedBefore(int node) {
        return by != null && behind == node;
    }
}
