/** Elementary functions by IEEE operations and fma alone, so that every machine computes the same bits. */
@NullMarked
package io.chainrule.core.elementary;

import org.jspecify.annotations.NullMarked;
