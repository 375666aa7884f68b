/** What a JVM programmer calls: programs, transformations of them, compiled functions and what they answer. */
@NullMarked
package io.chainrule.core;

import org.jspecify.annotations.NullMarked;
