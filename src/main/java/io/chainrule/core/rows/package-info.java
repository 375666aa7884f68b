/** Programs over the rows of a data set: cells become numbers, rows go through one compiled function in blocks, results are reduced. */
@NullMarked
package io.chainrule.core.rows;

import org.jspecify.annotations.NullMarked;
