/** Remarks on results that are not errors. */
@NullMarked
package io.chainrule.service.diagnostics;

import org.jspecify.annotations.NullMarked;
