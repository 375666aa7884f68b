/** Dense row-major float64 arrays, their shapes and how shapes broadcast. */
@NullMarked
package io.chainrule.core.tensor;

import org.jspecify.annotations.NullMarked;
