/** What a client should know about an answer that is no error. */
@NullMarked
package io.chainrule.service.diagnostics;

import org.jspecify.annotations.NullMarked;
