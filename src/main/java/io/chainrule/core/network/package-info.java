/** Networks of layers: how they and a loss are lowered to a graph, and how their parameters are initialised. */
@NullMarked
package io.chainrule.core.network;

import org.jspecify.annotations.NullMarked;
