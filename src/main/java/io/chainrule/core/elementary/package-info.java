/**
 * Elementary functions by IEEE operations and fma alone, so that they give the same bits on every machine. Each has the
 * same steps as its vector form in {@code core.kernel.simd}, which takes its constants from here.
 */
@NullMarked
package io.chainrule.core.elementary;

import org.jspecify.annotations.NullMarked;
