package io.chainrule.core.rows;

import io.chainrule.core.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes an object in each line. Numbers have the fewest digits that tell them apart; what is not finite is a text, as JSON has none. */
public final class JsonLinesWriter extends RowWriter {
    /** Each line begins with these characters. The number of the row follows them. */
    private static final String BEGIN = "{\"" + ROW + "\":";
    private static final int BUFFER = 1 << 16;
    private static final char FIRST_PRINTED = ' ';

    /** What stands before the values of each quantity. */
    private final List<String> names;
    private final List<Shape> shapes;
    /** The part of the line that is not written yet. Appending a number to it makes no object. */
    private final StringBuilder line = new StringBuilder();

    JsonLinesWriter(List<RowQuantity> quantities, OutputStream out) {
        super(out);
        names = columns(quantities).stream().map(name -> "," + quoted(name) + ":").toList();
        shapes = quantities.stream().map(RowQuantity::shape).toList();
    }

    private static String quoted(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.chars().forEach(c -> {
            if (c < FIRST_PRINTED) {
                text.append("\\u%04x".formatted(c));
            } else {
                text.append(c == '"' || c == '\\' ? "\\" : "").append((char) c);
            }
        });
        return text.append('"').toString();
    }

    @Override
    void write(RowResults results, int row) throws IOException {
        line.append(BEGIN).append(results.number(row));
        for (int k = 0; k < shapes.size(); k++) {
            line.append(names.get(k));
            Shape shape = shapes.get(k);
            array(results.values(k), row * shape.length(), shape, 0);
        }
        line.append("}\n");
        flush();
    }

    /** Writes the array that begins at index {@code at}, with the axes from {@code axis} on; returns the index after its last element. */
    private int array(double[] values, int at, Shape shape, int axis) throws IOException {
        if (axis == shape.rank()) {
            if (Double.isFinite(values[at])) {
                line.append(values[at]);
            } else {
                line.append('"').append(values[at]).append('"');
            }
            return at + 1;
        }
        line.append('[');
        int next = at;
        for (int i = 0; i < shape.dim(axis); i++) {
            if (i > 0) {
                line.append(',');
            }
            next = array(values, next, shape, axis + 1);
            if (line.length() >= BUFFER) {
                flush();
            }
        }
        line.append(']');
        return next;
    }

    private void flush() throws IOException {
        out.write(line.toString().getBytes(StandardCharsets.UTF_8));
        line.setLength(0);
    }

    /**
     * Writes lines of a part whose rows were counted by themselves, with the numbers that they have in the whole data set.
     *
     * @param lines whole lines, up to before {@code end}
     * @param before how many rows come before the part
     */
    public static void renumber(byte[] lines, int end, long before, OutputStream to) throws IOException {
        for (int at = 0; at < end;) {
            int begin = at;
            for (int i = 0; i < BEGIN.length(); i++) {
                if (at == end || lines[at++] != BEGIN.charAt(i)) {
                    throw new IOException("a line of the results has no number of its row");
                }
            }
            to.write(lines, begin, at - begin);
            long number = 0;
            while (lines[at] >= '0' && lines[at] <= '9') {
                number = 10 * number + lines[at++] - '0';
            }
            to.write(Long.toString(before + number).getBytes(StandardCharsets.US_ASCII));
            int rest = at;
            while (lines[at] != '\n') {
                at++;
            }
            at++;
            to.write(lines, rest, at - rest);
        }
    }
}
