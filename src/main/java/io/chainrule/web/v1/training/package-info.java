/** Trainings, answered at once or told step by step. */
@NullMarked
package io.chainrule.web.v1.training;

import org.jspecify.annotations.NullMarked;
