/** The endpoints under {@code /v1}: their requests and answers, and the mapping to and from the service. */
@NullMarked
package io.chainrule.web.v1;

import org.jspecify.annotations.NullMarked;
