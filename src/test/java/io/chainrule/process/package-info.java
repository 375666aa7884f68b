/** The service as a process: started from its jar, told to end, killed, and on a machine that fails it. */
@NullMarked
package io.chainrule.process;

import org.jspecify.annotations.NullMarked;
