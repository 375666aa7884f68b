/** Pictures and plots of programs, and links, whose address has the whole request in it. */
@NullMarked
package io.chainrule.web.v1.pictures;

import org.jspecify.annotations.NullMarked;
