/** Pictures and plots of programs, and links: addresses that contain the whole request. */
@NullMarked
package io.chainrule.web.v1.pictures;

import org.jspecify.annotations.NullMarked;
