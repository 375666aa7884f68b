/** Fits parameters to all rows of a data set: minimises their mean loss. */
@NullMarked
package io.chainrule.core.fit;

import org.jspecify.annotations.NullMarked;
