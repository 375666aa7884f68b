/** The languages in which answers speak: sentences with their arguments, and Korean particles. */
@NullMarked
package io.chainrule.core.language;

import org.jspecify.annotations.NullMarked;
