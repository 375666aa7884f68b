package io.chainrule.core.picture;

/**
 * The colours of a picture, as CSS writes them. Text has a contrast of at least 4.5 to the ground, WCAG 2.2's level AA.
 *
 * @param ground behind everything
 * @param ink names, ops and the outlines of gates
 * @param faint what matters less: ids that nobody wrote, shapes, the key
 * @param gate the inside of a gate
 * @param wire the lines between nodes
 * @param value the values above the wires
 * @param gradient the gradients below the wires
 * @param warm cells of numbers above 0, the more opaque the larger
 * @param cold cells of numbers below 0
 */
record Palette(String ground, String ink, String faint, String gate, String wire, String value, String gradient, String warm,
        String cold) {
    static final Palette LIGHT = new Palette("#ffffff", "#1b1f24", "#5b6472", "#f1f4f9", "#7a8494", "#0b7a2f", "#c3201a", "#d9822b",
            "#2f6fd0");
    static final Palette DARK = new Palette("#12161c", "#eceff4", "#a3adbb", "#222a35", "#8b96a6", "#63d68b", "#ff8f86", "#f0a04b",
            "#6aa5ff");
}
