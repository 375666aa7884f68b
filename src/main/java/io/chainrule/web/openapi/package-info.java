/** The OpenAPI document: what annotations on the endpoints do not say. */
@NullMarked
package io.chainrule.web.openapi;

import org.jspecify.annotations.NullMarked;
