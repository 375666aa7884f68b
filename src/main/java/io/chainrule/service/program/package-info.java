/** One method for each endpoint that computes or tells something of a program, and what it answers. */
@NullMarked
package io.chainrule.service.program;

import org.jspecify.annotations.NullMarked;
