/** Gradients over HTTP: where the service starts. */
@NullMarked
package io.chainrule;

import org.jspecify.annotations.NullMarked;
