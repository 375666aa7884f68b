/** Jobs, and what each kind of them does. Those over the rows of data sets stand here with their requests and answers. */
@NullMarked
package io.chainrule.web.v1.jobs;

import org.jspecify.annotations.NullMarked;
