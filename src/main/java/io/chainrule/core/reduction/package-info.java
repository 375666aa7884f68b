/** Sums, means and variances of arrays: exact until they are rounded, once, so that no order of the addends changes a bit. */
@NullMarked
package io.chainrule.core.reduction;

import org.jspecify.annotations.NullMarked;
