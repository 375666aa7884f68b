/** Kernels in the Vector API. They add in the order of {@link io.chainrule.core.kernel.Blocks}, as the scalar ones, so that no bit differs. */
@NullMarked
package io.chainrule.core.kernel.simd;

import org.jspecify.annotations.NullMarked;
