package io.chainrule.core.rows;

import io.chainrule.core.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes an object in each line. Numbers have the fewest digits that tell them apart; what is not finite is a text, as JSON has none. */
public final class JsonLinesWriter extends RowWriter {
    /** Each line begins with these bytes, and the number of the row follows. */
    private static final byte[] BEGIN = ("{\"" + ROW + "\":").getBytes(StandardCharsets.US_ASCII);
    private static final int BUFFER = 1 << 16;
    private static final char FIRST_PRINTED = ' ';

    /** What stands before the values of each quantity. */
    private final List<byte[]> names;
    private final List<Shape> shapes;

    JsonLinesWriter(List<RowQuantity> quantities, OutputStream out) {
        super(out);
        names = columns(quantities).stream().map(name -> ("," + quoted(name) + ":").getBytes(StandardCharsets.UTF_8)).toList();
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
        out.write(BEGIN);
        text(Long.toString(results.number(row)));
        for (int k = 0; k < shapes.size(); k++) {
            out.write(names.get(k));
            Shape shape = shapes.get(k);
            array(results.values(k), row * shape.length(), shape, 0);
        }
        out.write('}');
        out.write('\n');
    }

    /** Writes the array that begins at index {@code at}, with the axes from {@code axis} on; returns the index after its last element. */
    private int array(double[] values, int at, Shape shape, int axis) throws IOException {
        if (axis == shape.rank()) {
            String text = Double.toString(values[at]);
            text(Double.isFinite(values[at]) ? text : "\"" + text + "\"");
            return at + 1;
        }
        out.write('[');
        int next = at;
        for (int i = 0; i < shape.dim(axis); i++) {
            if (i > 0) {
                out.write(',');
            }
            next = array(values, next, shape, axis + 1);
        }
        out.write(']');
        return next;
    }

    private void text(String ascii) throws IOException {
        out.write(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Copies the lines of a part whose rows were counted by themselves, with the numbers that they have in the whole data set.
     *
     * @param before how many rows come before the part
     * @param checkpoint is asked now and then whether to go on
     */
    public static void copy(InputStream part, OutputStream to, long before, Runnable checkpoint) throws IOException {
        byte[] buffer = new byte[BUFFER];
        // The number of bytes of BEGIN that have been read on this line. The digits of the row's number follow them, and then the rest.
        int begun = 0;
        boolean isNumber = false;
        long number = 0;
        for (int length = part.read(buffer); length >= 0; length = part.read(buffer)) {
            checkpoint.run();
            int from = 0;
            for (int i = 0; i < length; i++) {
                byte next = buffer[i];
                if (begun < BEGIN.length) {
                    if (next != BEGIN[begun]) {
                        throw new IOException("a line of the results has no number of its row");
                    }
                    begun++;
                    isNumber = begun == BEGIN.length;
                    if (isNumber) {
                        to.write(buffer, from, i + 1 - from);
                        from = i + 1;
                        number = 0;
                    }
                } else if (isNumber && next >= '0' && next <= '9') {
                    number = 10 * number + next - '0';
                    from = i + 1;
                } else if (isNumber) {
                    to.write(Long.toString(before + number).getBytes(StandardCharsets.US_ASCII));
                    isNumber = false;
                } else if (next == '\n') {
                    begun = 0;
                }
            }
            to.write(buffer, from, length - from);
        }
    }
}
