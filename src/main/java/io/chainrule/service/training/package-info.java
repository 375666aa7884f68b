/** Trainings: what is asked, what is wrong with it, and how it goes. */
@NullMarked
package io.chainrule.service.training;

import org.jspecify.annotations.NullMarked;
