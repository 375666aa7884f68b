/** The page at {@code /}: its files, the libraries that it loads, and what browsers are told of both. */
@NullMarked
package io.chainrule.web.page;

import org.jspecify.annotations.NullMarked;
