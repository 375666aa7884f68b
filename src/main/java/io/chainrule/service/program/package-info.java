/** The endpoints that compute or describe a program, one method for each, and their answers. */
@NullMarked
package io.chainrule.service.program;

import org.jspecify.annotations.NullMarked;
