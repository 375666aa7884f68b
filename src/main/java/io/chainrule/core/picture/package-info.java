/** Draws programs with their values and gradients: as SVG, and as text for other programs that draw. */
@NullMarked
package io.chainrule.core.picture;

import org.jspecify.annotations.NullMarked;
