/** Programs as clients write them, text or node lists, to graphs and back. */
@NullMarked
package io.chainrule.core.expression;

import org.jspecify.annotations.NullMarked;
