package io.chainrule.core.picture;

/**
 * The colours of a picture, as CSS writes them. Text has a contrast of at least 4.5 to the ground, WCAG 2.2's level AA.
 *
 * @param ground the colour of the background
 * @param ink the colour of names, ops and the outlines of gates
 * @param faint the colour of ids that nobody wrote, of shapes and of the key
 * @param gate the colour inside a gate
 * @param wire the colour of the lines between nodes
 * @param value the colour of the values above the wires
 * @param gradient the colour of the gradients below the wires
 * @param warm the colour of cells whose number is above 0; the larger the number, the more opaque the cell
 * @param cold the colour of cells whose number is below 0
 */
record Palette(String ground, String ink, String faint, String gate, String wire, String value, String gradient, String warm,
        String cold) {
    static final Palette LIGHT = new Palette("#ffffff", "#1b1f24", "#5b6472", "#f1f4f9", "#7a8494", "#0a7029", "#c3201a", "#d9822b",
            "#2f6fd0");
    static final Palette DARK = new Palette("#12161c", "#eceff4", "#a3adbb", "#222a35", "#8b96a6", "#63d68b", "#ff8f86", "#f0a04b",
            "#6aa5ff");
}
