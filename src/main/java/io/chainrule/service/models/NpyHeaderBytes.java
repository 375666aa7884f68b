package io.chainrule.service.models;

import io.chainrule.core.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** What stands before the elements of an array in a file of NumPy, byte for byte as NumPy writes it (numpy.lib.format, version 1). */
final class NpyHeaderBytes {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    /** The elements begin at a multiple of this. */
    private static final int ALIGNED = 64;

    private NpyHeaderBytes() {}

    /** The header of an array of float64 in C order, in little-endian bytes. */
    static byte[] of(Shape shape) {
        String lengths = shape.toList().stream().map(String::valueOf).collect(Collectors.joining(", "))
                + (shape.rank() == 1 ? "," : "");
        String text = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + lengths + "), }";
        int before = MAGIC.length + Short.BYTES;
        int length = (before + text.length() + 1 + ALIGNED - 1) / ALIGNED * ALIGNED;
        ByteBuffer header = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).putShort((short) (length - before)).put(text.getBytes(StandardCharsets.US_ASCII));
        while (header.remaining() > 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').array();
    }
}
