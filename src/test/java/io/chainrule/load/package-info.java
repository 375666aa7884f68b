/** The service as a process on one core, and clients that ask for more than it can compute. */
@NullMarked
package io.chainrule.load;

import org.jspecify.annotations.NullMarked;
