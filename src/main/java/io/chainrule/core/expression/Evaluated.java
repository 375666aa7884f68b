package io.chainrule.core.expression;

import io.chainrule.core.graph.NamedGraph;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program that was written as text.
 *
 * @param wrt the nodes by which the text itself asks for the gradient, as {@code jax.grad(f)(x)} does; null if it does not
 * @param remarks at most {@value #MOST_REMARKS}
 * @param bindings the statements that bind names, in the order in which they are evaluated, those of functions left out
 * @param misfits lines that claim to be derivatives and cannot be; there are none where nobody asks for claims
 */
public record Evaluated(NamedGraph program, @Nullable List<String> wrt, List<Remark> remarks, List<Binding> bindings, Misfits misfits) {
    static final int MOST_REMARKS = 20;
}
