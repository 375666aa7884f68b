/** Marks a backward pass that a user wrote, line by line. */
@NullMarked
package io.chainrule.core.grade;

import org.jspecify.annotations.NullMarked;
