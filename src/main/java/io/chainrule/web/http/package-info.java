/** What holds for every exchange: body limits, the request log, origins. */
@NullMarked
package io.chainrule.web.http;

import org.jspecify.annotations.NullMarked;
