/** A program and its gradient as source code in other languages. */
@NullMarked
package io.chainrule.core.code;

import org.jspecify.annotations.NullMarked;
