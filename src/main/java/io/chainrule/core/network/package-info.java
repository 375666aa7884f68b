/** Networks: layers and a loss lowered to a graph, their initial parameters. */
@NullMarked
package io.chainrule.core.network;

import org.jspecify.annotations.NullMarked;
