/** Running one request's work: its limits, its admission, and the functions that are cached between requests. */
@NullMarked
package io.chainrule.service.run;

import org.jspecify.annotations.NullMarked;
