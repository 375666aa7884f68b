/** Backpropagation in words: the ledger of the chain rule for a gradient that was computed. */
@NullMarked
package io.chainrule.core.explain;

import org.jspecify.annotations.NullMarked;
