/** Training: optimizers, schedules, metrics, and the loop that minimises the loss of a program. */
@NullMarked
package io.chainrule.core.training;

import org.jspecify.annotations.NullMarked;
