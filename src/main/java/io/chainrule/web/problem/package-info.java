/** What can go wrong with a request, as problem details (RFC 9457) and as pages of help. */
@NullMarked
package io.chainrule.web.problem;

import org.jspecify.annotations.NullMarked;
