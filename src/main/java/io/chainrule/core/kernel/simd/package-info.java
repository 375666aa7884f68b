/** Kernels by the Vector API, the only package that names it; each computes the same bits as its scalar form. */
@NullMarked
package io.chainrule.core.kernel.simd;

import org.jspecify.annotations.NullMarked;
