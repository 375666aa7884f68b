/** Running a graph: plans, buffers, costs and deadlines. */
@NullMarked
package io.chainrule.core.execution;

import org.jspecify.annotations.NullMarked;
