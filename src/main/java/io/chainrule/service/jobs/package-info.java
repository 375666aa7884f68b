/** Work that takes longer than a request: kept in the store, run by any replica, and resumed by another if one ends. */
@NullMarked
package io.chainrule.service.jobs;

import org.jspecify.annotations.NullMarked;
