/** Keys of clients: making, showing and revoking them. */
@NullMarked
package io.chainrule.web.v1.keys;

import org.jspecify.annotations.NullMarked;
