/** Strict JSON: reads and writes tensors and other values directly from and to the stream. */
@NullMarked
package io.chainrule.web.json;

import org.jspecify.annotations.NullMarked;
