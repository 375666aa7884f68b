/** The database: where it is, and when it is opened. */
@NullMarked
package io.chainrule.service.store;

import org.jspecify.annotations.NullMarked;
