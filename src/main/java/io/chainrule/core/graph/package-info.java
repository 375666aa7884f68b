/** Programs as graphs: immutable arrays of ops and operands, how they are built, named and given shapes. */
@NullMarked
package io.chainrule.core.graph;

import org.jspecify.annotations.NullMarked;
