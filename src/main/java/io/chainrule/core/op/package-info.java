/** What each op is: its shape rule, value, derivative and documentation, by family. */
@NullMarked
package io.chainrule.core.op;

import org.jspecify.annotations.NullMarked;
