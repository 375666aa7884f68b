/** Graph to graph, with the same meaning. */
@NullMarked
package io.chainrule.core.rewrite;

import org.jspecify.annotations.NullMarked;
