/** Data sets: files of rows, over which jobs run programs. */
@NullMarked
package io.chainrule.web.v1.datasets;

import org.jspecify.annotations.NullMarked;
