/** Errors of requests, as problem details (RFC 9457) and as help pages. */
@NullMarked
package io.chainrule.web.problem;

import org.jspecify.annotations.NullMarked;
