/** What applies to every request: body limits, the request log, CORS. */
@NullMarked
package io.chainrule.web.http;

import org.jspecify.annotations.NullMarked;
