package io.chainrule.service.datasets;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Reads a part of a file of NumPy. */
final class NpyReader extends RowReading {
    private static final int PIECE = 1 << 18;

    private final FileChannel file;
    private final NpyHeader header;
    private final int[] shape;
    private final double[] values;
    private final ByteBuffer piece;
    /** The bytes of the part that have not been read from the file. */
    private long left;

    NpyReader(RowFile path, RowSplit split) throws IOException {
        super(split);
        header = NpyHeader.read(path);
        shape = header.rowShape();
        values = new double[header.rowLength()];
        int row = Math.toIntExact(header.rowBytes());
        piece = ByteBuffer.allocate(Math.max(1, row == 0 ? 1 : PIECE / row) * row).order(ByteOrder.LITTLE_ENDIAN).flip();
        left = split.rows() * header.rowBytes();
        file = path.open();
        file.position(header.dataFrom() + split.from() * header.rowBytes());
    }

    /** The memory that a reader of such an array takes. */
    static long bytes(NpyHeader header) {
        return (long) Double.BYTES * header.rowLength() + Math.max(PIECE, header.rowBytes());
    }

    @Override
    public boolean next() throws IOException {
        if (!begin()) {
            return false;
        }
        if (!piece.hasRemaining() && left > 0) {
            int length = (int) Math.min(left, piece.capacity());
            for (int done = 0; done < length;) {
                int read = RowFile.read(file, piece.array(), done, length - done);
                if (read < 0) {
                    throw new EOFException();
                }
                done += read;
            }
            piece.clear().limit(length);
            left -= length;
        }
        header.element().read(piece, values);
        return true;
    }

    @Override
    public Kind kind(int column) {
        return shape.length == 0 ? Kind.NUMBER : Kind.ARRAY;
    }

    @Override
    public double number(int column) {
        return values[0];
    }

    @Override
    public double[] array(int column) {
        return values;
    }

    @Override
    public int[] shape(int column) {
        return shape;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
