/** Differentiation as graph transformations: a gradient is a graph too. */
@NullMarked
package io.chainrule.core.autodiff;

import org.jspecify.annotations.NullMarked;
