package io.chainrule.core.rows;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a part that was written in the form {@link RowWriter.Form#RAW}. */
public final class RawReader implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final DataInputStream in;
    private final double[] values;
    private long number;

    /** @param quantities those that were written */
    public RawReader(InputStream in, List<RowQuantity> quantities) {
        this.in = new DataInputStream(new BufferedInputStream(in, BUFFER));
        values = new double[Math.toIntExact(RowWriter.numbersOfRow(quantities) - 1)];
    }

    /** What the next row comes to, one quantity after the other, valid until the next call; null at the end. */
    public double @Nullable [] next() throws IOException {
        try {
            number = in.readLong();
        } catch (EOFException _) {
            return null;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readDouble();
        }
        return values;
    }

    /** The number of the row, as it was written. */
    public long number() {
        return number;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
