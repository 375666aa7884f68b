/** Who a client is, and what it may ask for. */
@NullMarked
package io.chainrule.web.security;

import org.jspecify.annotations.NullMarked;
