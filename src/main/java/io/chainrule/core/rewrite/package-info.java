/** Graph to graph, with the same meaning: gates opened into circuits, and circuits closed into gates. */
@NullMarked
package io.chainrule.core.rewrite;

import org.jspecify.annotations.NullMarked;
