/** Graphs in textbook form: the same function, written as a person would. */
@NullMarked
package io.chainrule.core.simplify;

import org.jspecify.annotations.NullMarked;
