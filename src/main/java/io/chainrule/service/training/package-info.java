/** Training: the call, its validation, and its progress. */
@NullMarked
package io.chainrule.service.training;

import org.jspecify.annotations.NullMarked;
