/** Models: programs that are stored with their parameters, their aliases and files. What was trained or fitted is stored here, too. */
@NullMarked
package io.chainrule.web.v1.models;

import org.jspecify.annotations.NullMarked;
