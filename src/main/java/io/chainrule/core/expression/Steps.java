package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.LimitException;

/** How far the evaluation of a program may go, and about how far it will go. */
final class Steps {
    /** The number of tokens that count as one more step when they are evaluated again. */
    private static final int TOKENS_A_STEP = 64;
    /** About so many tokens make a node. */
    private static final int TOKENS_A_NODE = 3;

    private final Allowance allowance;
    private long done;

    Steps(Allowance allowance) {
        this.allowance = allowance;
    }

    /**
     * Counts that {@code length} tokens are evaluated again, where so many nodes are written. Steps that add no node are limited as nodes
     * are: otherwise a program could call a function such as {@code f(a) = a} a hundred million times. They also look whether the work is
     * to go on.
     */
    void repeat(int length, int written) {
        done += 1 + length / TOKENS_A_STEP;
        allowance.growth().accept(0);
        if (done - written > allowance.nodes()) {
            throw LimitException.moreThan("nodes", allowance.nodes());
        }
    }

    void checkPasses(long passes) {
        if (passes > allowance.nodes()) {
            throw new LimitException("nodes", passes, allowance.nodes());
        }
    }

    /**
     * Reports an estimate of the program's nodes to the allowance.
     *
     * @param length the tokens that are about to be evaluated
     * @param times how often they will be evaluated
     * @param written the nodes that have been added already
     */
    void foresee(int length, double times, int written) {
        allowance.foreseen().accept(written + (long) Math.min(allowance.nodes(), times * length / TOKENS_A_NODE));
    }
}
