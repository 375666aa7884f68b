/** Who may do what, and how much of it: keys, scopes and quotas. */
@NullMarked
package io.chainrule.service.access;

import org.jspecify.annotations.NullMarked;
