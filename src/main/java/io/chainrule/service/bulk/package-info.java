/** Programs that are run for every row of a data set. */
@NullMarked
package io.chainrule.service.bulk;

import org.jspecify.annotations.NullMarked;
