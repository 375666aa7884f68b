/** The library's API: programs, transformations of them, compiled functions and their results. */
@NullMarked
package io.chainrule.core;

import org.jspecify.annotations.NullMarked;
