package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.LimitException;
import java.util.function.IntSupplier;

/** How far the evaluation of a program may go, and about how far it will go. */
final class Steps {
    /** The number of tokens that count as one more step when they are evaluated again. */
    private static final int TOKENS_A_STEP = 64;
    /** About so many tokens make a node. */
    private static final int TOKENS_A_NODE = 3;

    private final Allowance allowance;
    private final IntSupplier written;
    private long done;
    private long told;

    /** The nodes that have been written so far are {@code written}. */
    Steps(Allowance allowance, IntSupplier written) {
        this.allowance = allowance;
        this.written = written;
    }

    /** Begins a program of {@code length} tokens. A program that calls it is told, so that calls are limited too. */
    void begin(int length) {
        allowance.idle().accept(ofTokens(length));
        foresee(length, 1);
    }

    /**
     * Counts that {@code length} tokens are evaluated again. Steps that add no node are limited as nodes are: otherwise a program could
     * call a function such as {@code f(a) = a} a hundred million times. They also look whether the work is to go on.
     */
    void repeat(int length) {
        add(ofTokens(length));
    }

    /** The allowance for a program that this one calls. Its steps that add no node count here too. */
    Allowance ofCalled() {
        return allowance.ofCalled(this::add);
    }

    private static long ofTokens(int length) {
        return 1L + length / TOKENS_A_STEP;
    }

    private void add(long steps) {
        done += steps;
        allowance.growth().accept(0);
        long idle = done - written.getAsInt();
        if (idle > allowance.nodes()) {
            throw LimitException.moreThan("nodes", allowance.nodes());
        }
        if (idle > told) {
            allowance.idle().accept(idle - told);
            told = idle;
        }
    }

    /** Refuses a loop with more passes than steps are allowed, before its first pass. */
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
     */
    void foresee(int length, double times) {
        allowance.foreseen().accept(written.getAsInt() + (long) Math.min(allowance.nodes(), times * length / TOKENS_A_NODE));
    }
}
