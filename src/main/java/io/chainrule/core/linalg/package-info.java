/** Factorizations of matrices and special functions as plain numerical code: arrays and numbers, no graph. */
@NullMarked
package io.chainrule.core.linalg;

import org.jspecify.annotations.NullMarked;
