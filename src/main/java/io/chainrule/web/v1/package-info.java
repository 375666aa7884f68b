/**
 * Endpoints that compute what is asked of a program, and what all endpoints under {@code /v1} share: the mapping of requests and responses
 * to and from the service. The packages below this one have the other endpoints.
 */
@NullMarked
package io.chainrule.web.v1;

import org.jspecify.annotations.NullMarked;
