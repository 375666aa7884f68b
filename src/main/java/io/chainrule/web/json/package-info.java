/** Strict JSON: tensors and other values straight from and to the stream. */
@NullMarked
package io.chainrule.web.json;

import org.jspecify.annotations.NullMarked;
