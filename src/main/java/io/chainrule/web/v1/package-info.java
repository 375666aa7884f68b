/** The endpoints under {@code /v1}: their requests and responses, and the mapping to and from the service. */
@NullMarked
package io.chainrule.web.v1;

import org.jspecify.annotations.NullMarked;
