/** Writes graphs for people to read: as text that can be parsed again, as LaTeX and as MathML. */
@NullMarked
package io.chainrule.core.print;

import org.jspecify.annotations.NullMarked;
