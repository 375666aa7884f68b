/** Training: optimizers, schedules, metrics, and the loop that makes a program's loss small. */
@NullMarked
package io.chainrule.core.training;

import org.jspecify.annotations.NullMarked;
