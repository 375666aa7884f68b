/** Models: programs that clients store with their parameters, and call by name. */
@NullMarked
package io.chainrule.service.models;

import org.jspecify.annotations.NullMarked;
