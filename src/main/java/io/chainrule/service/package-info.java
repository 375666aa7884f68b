/** One method per endpoint: parse, check the cost, plan, run, collect. */
@NullMarked
package io.chainrule.service;

import org.jspecify.annotations.NullMarked;
