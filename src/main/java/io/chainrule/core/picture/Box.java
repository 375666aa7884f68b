package io.chainrule.core.picture;

import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The room that a part takes: its gate with the name above it, and to the right of it the wire with the value above and the gradient below.
 * Lengths are in pixels, from the upper left corner.
 *
 * @param axis how far below the upper edge the wire is
 * @param gateLeft where the gate begins, or the name of an input
 * @param gateHalf half the gate's height
 * @param wireLeft where the wire begins
 * @param middle where the middle of the value and the gradient is
 * @param value the cells of a value that is an array; null for a number, and where there is none
 * @param gradient the same of the gradient
 */
record Box(double width, double height, double axis, double gateLeft, double gateWidth, double gateHalf, double wireLeft,
        double middle,
        @Nullable Cells value, @Nullable Cells gradient) {
    static final double SYMBOL_FONT = 15;
    static final double NAME_FONT = 12;
    static final double LEAF_FONT = 15;
    static final double NOTE_FONT = 11;
    static final double NUMBER_FONT = 12;
    /** Between the wire and the baseline of what stands above it, and between the wire and the upper edge of what stands below it. */
    static final double GAP = 5;
    private static final double LEAST_GATE = 32;
    private static final double GATE_PADDING = 18;
    private static final double OPERAND_DISTANCE = 9;
    private static final double MARGIN = 4;
    private static final double SHORTEST_WIRE = 18;

    static Box of(Part part, Labels labels) {
        double symbol = part.isLeaf()
                ? TextWidth.of(part.name(), LEAF_FONT) + 4
                : Math.max(LEAST_GATE, TextWidth.of(part.symbol(), SYMBOL_FONT) + GATE_PADDING);
        double name = part.isLeaf() ? 0 : TextWidth.of(part.name(), NAME_FONT);
        double note = part.note().isEmpty() ? 0 : TextWidth.of(part.note(), NOTE_FONT);
        double left = Math.max(Math.max(symbol, name), note);
        Cells value = cells(part.value(), labels.numbers());
        Cells gradient = cells(part.gradient(), labels.numbers());
        double right = MARGIN + Math.max(SHORTEST_WIRE,
                Math.max(width(labels.text(part.value()), value), width(labels.text(part.gradient()), gradient))) + 2 * MARGIN;
        if (part.kind() == Part.Kind.LITERAL) {
            right = SHORTEST_WIRE / 2;
        }
        double gateHalf = LEAST_GATE / 2;
        double above = Math.max(gateHalf + (part.isLeaf() ? 0 : GAP + NAME_FONT), height(value));
        double below = Math.max(gateHalf + (part.note().isEmpty() ? 0 : GAP + NOTE_FONT), height(gradient));
        double wireLeft = (left + symbol) / 2;
        // Cells stand as high as the name and the note, and so begin behind them.
        double middle = ((value == null && gradient == null ? wireLeft : left) + left + right) / 2;
        return new Box(left + right, above + below + 2, above + 1, (left - symbol) / 2, symbol, gateHalf, wireLeft, middle, value,
                gradient);
    }

    /** A gate is as high as its operands need. */
    Box withOperands(int count) {
        double half = Math.max(gateHalf, (count + 1) * OPERAND_DISTANCE / 2);
        double more = Math.max(0, half + GAP + NAME_FONT + 1 - axis);
        double below = Math.max(height - axis, half + height - axis - gateHalf);
        return new Box(width, axis + more + below, axis + more, gateLeft, gateWidth, half, wireLeft, middle, value, gradient);
    }

    /** How far below the upper edge a gate with so many operands takes this one. */
    double operand(int position, int count) {
        double distance = Math.min(OPERAND_DISTANCE * 1.5, 2 * gateHalf / (count + 1));
        return axis + distance * (position - (count - 1) / 2.0);
    }

    private static @Nullable Cells cells(@Nullable Tensor array, NumberText numbers) {
        return array == null || array.length() == 1 || array.length() == 0 ? null : Cells.of(array, numbers);
    }

    private static double width(String label, @Nullable Cells cells) {
        double text = label.isEmpty() ? 0 : TextWidth.of(label, NUMBER_FONT);
        return cells == null ? text : Math.max(text, cells.width());
    }

    private static double height(@Nullable Cells cells) {
        return GAP + NUMBER_FONT + (cells == null ? 0 : cells.height() + 3);
    }
}
