package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowResults;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes of each row its number and what it comes to, 8 bytes each, for files whose rows are put together once all are known. */
final class RawWriter implements ResultWriter {
    private static final int BUFFER = 1 << 16;

    private final int[] lengths;
    private final DataOutputStream out;

    RawWriter(Path part, List<RowQuantity> quantities) throws IOException {
        lengths = quantities.stream().mapToInt(quantity -> quantity.shape().length()).toArray();
        out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part), BUFFER));
    }

    @Override
    public void write(RowResults results) throws IOException {
        for (int row = 0; row < results.rows(); row++) {
            if (!results.isOmitted(row)) {
                out.writeLong(results.number(row));
                for (int k = 0; k < lengths.length; k++) {
                    double[] values = results.values(k);
                    for (int i = row * lengths[k]; i < (row + 1) * lengths[k]; i++) {
                        out.writeDouble(values[i]);
                    }
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** Reads a part. */
    static final class Reader implements AutoCloseable {
        private final DataInputStream in;
        private final double[] values;
        private long number;

        Reader(Path part, List<RowQuantity> quantities) throws IOException {
            in = new DataInputStream(new BufferedInputStream(Files.newInputStream(part), BUFFER));
            values = new double[Math.toIntExact(ResultWriter.numbersOfRow(quantities) - 1)];
        }

        /** What the next row comes to, one quantity after the other, valid until the next call; null at the end. */
        double @Nullable [] next() throws IOException {
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

        /** The number of the row. */
        long number() {
            return number;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
