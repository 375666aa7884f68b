package io.chainrule.core.expression;

import java.util.Map;

/**
 * The lines of a text that claim to be derivatives and cannot be.
 *
 * @param lines why lines cannot be computed, by name
 * @param standIns constants that later lines read in place of these lines, and of lines that have not the shape of a derivative, by name
 */
public record Misfits(Map<String, Misfit> lines, Map<String, Integer> standIns) {
    public static final Misfits NONE = new Misfits(Map.of(), Map.of());
}
