/** One request's work: what it may take, when it may run, and the functions that are kept from one request to the next. */
@NullMarked
package io.chainrule.service.run;

import org.jspecify.annotations.NullMarked;
