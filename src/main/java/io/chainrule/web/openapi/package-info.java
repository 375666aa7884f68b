/** The parts of the OpenAPI document that annotations on the endpoints do not provide. */
@NullMarked
package io.chainrule.web.openapi;

import org.jspecify.annotations.NullMarked;
