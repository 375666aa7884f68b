/** Data sets: files of rows that clients store or name, what is known of them, and how their rows are read. */
@NullMarked
package io.chainrule.service.datasets;

import org.jspecify.annotations.NullMarked;
