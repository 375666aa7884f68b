/** HTTP: controllers, request and response records, the mapper between them and the core, problem details, OpenAPI. */
@NullMarked
package io.chainrule.web;

import org.jspecify.annotations.NullMarked;
