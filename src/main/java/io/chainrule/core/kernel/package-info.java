/** Loops over arrays, behind one interface with interchangeable implementations. */
@NullMarked
package io.chainrule.core.kernel;

import org.jspecify.annotations.NullMarked;
