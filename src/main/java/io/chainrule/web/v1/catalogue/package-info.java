/** What programs, networks and trainings are made of: ops, types of layers and the like, and the notation. */
@NullMarked
package io.chainrule.web.v1.catalogue;

import org.jspecify.annotations.NullMarked;
