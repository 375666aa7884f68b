package io.chainrule.service.datasets;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes small files of Parquet with one column, or several that have the same pages, whose sizes and counts may be those of no file that a
 * program writes.
 */
final class ParquetBytes {
    static final int BOOLEAN = 0;
    static final int INT32 = 1;
    static final int INT64 = 2;
    static final int DOUBLE = 5;
    static final int TEXT = 6;
    static final int PLAIN = 0;
    static final int RLE = 3;
    static final int DELTA_BINARY_PACKED = 5;
    static final int DELTA_LENGTH_BYTE_ARRAY = 6;
    static final int DELTA_BYTE_ARRAY = 7;
    static final int RLE_DICTIONARY = 8;
    static final int BYTE_STREAM_SPLIT = 9;
    static final int UNCOMPRESSED = 0;
    static final int GZIP = 2;

    private static final int I32 = 5;
    private static final int I64 = 6;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int STRUCT = 12;
    private static final int REQUIRED = 0;
    private static final int REPEATED = 2;

    final int type;
    final boolean isList;
    int codec = UNCOMPRESSED;
    int columns = 1;
    /** How many groups have the same pages, and what each claims to unpack to. */
    int groups = 1;
    long unpacked;
    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private long values;

    ParquetBytes(int type, boolean isList) {
        this.type = type;
        this.isList = isList;
        file.writeBytes("PAR1".getBytes(StandardCharsets.US_ASCII));
    }

    /** The compact protocol of Thrift. */
    static final class Thrift {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final List<Integer> outer = new ArrayList<>();
        private int latest;

        Thrift field(int id, int kind) {
            bytes.write(id - latest << 4 | kind);
            latest = id;
            return this;
        }

        Thrift unsigned(long number) {
            long rest = number;
            for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
                bytes.write((int) (rest & 0x7F | 0x80));
            }
            bytes.write((int) rest);
            return this;
        }

        private Thrift signed(long number) {
            return unsigned(number << 1 ^ number >> 63);
        }

        Thrift i32(int id, int number) {
            return field(id, I32).signed(number);
        }

        Thrift i64(int id, long number) {
            return field(id, I64).signed(number);
        }

        Thrift text(int id, String text) {
            field(id, BINARY).unsigned(text.length()).bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        Thrift list(int id, int kind, int size) {
            field(id, LIST);
            bytes.write(size < 15 ? size << 4 | kind : 0xF0 | kind);
            return size < 15 ? this : unsigned(size);
        }

        Thrift begin() {
            outer.add(latest);
            latest = 0;
            return this;
        }

        Thrift begin(int id) {
            return field(id, STRUCT).begin();
        }

        Thrift end() {
            latest = outer.isEmpty() ? 0 : outer.removeLast();
            bytes.write(0);
            return this;
        }
    }

    /** A page of the first kind; {@code size} is what it claims to unpack to. */
    ParquetBytes page(int encoding, int count, int size, byte[] body) {
        Thrift header = new Thrift().i32(1, 0).i32(2, size).i32(3, body.length);
        header.begin(5).i32(1, count).i32(2, encoding).i32(3, RLE).i32(4, RLE).end().end();
        return add(header, count, body);
    }

    /** A page of the second kind, whose levels are not packed. */
    ParquetBytes page2(int encoding, int count, int definitions, int repetitions, byte[] body) {
        Thrift header = new Thrift().i32(1, 3).i32(2, body.length).i32(3, body.length);
        header.begin(8).i32(1, count).i32(2, 0).i32(3, count).i32(4, encoding).i32(5, definitions).i32(6, repetitions).end().end();
        return add(header, count, body);
    }

    ParquetBytes dictionary(int count, byte[] body) {
        Thrift header = new Thrift().i32(1, 2).i32(2, body.length).i32(3, body.length);
        return add(header.begin(7).i32(1, count).i32(2, PLAIN).end().end(), 0, body);
    }

    private ParquetBytes add(Thrift header, int count, byte[] body) {
        file.writeBytes(header.bytes.toByteArray());
        file.writeBytes(body);
        values += count;
        return this;
    }

    /** The file, which claims to have so many rows. */
    byte[] file(long rows) {
        return file(description(rows, values));
    }

    byte[] file(byte[] description) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(file.toByteArray());
        whole.writeBytes(description);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            whole.write(description.length >>> shift);
        }
        whole.writeBytes("PAR1".getBytes(StandardCharsets.US_ASCII));
        return whole.toByteArray();
    }

    /** The first column is called x, the others x1, x2, and so on. */
    byte[] description(long rows, long count) {
        Thrift all = new Thrift().i32(1, 1).list(2, STRUCT, 1 + columns * (isList ? 3 : 1));
        all.begin().text(4, "schema").i32(5, columns).end();
        for (int i = 0; i < columns; i++) {
            String name = i == 0 ? "x" : "x" + i;
            if (isList) {
                all.begin().i32(3, REQUIRED).text(4, name).i32(5, 1).i32(6, 3).end();
                all.begin().i32(3, REPEATED).text(4, "list").i32(5, 1).end();
            }
            all.begin().i32(1, type).i32(3, REQUIRED).text(4, isList ? "element" : name);
            if (type == TEXT) {
                // Of converted types the first is UTF-8.
                all.i32(6, 0);
            }
            all.end();
        }
        all.i64(3, groups * rows).list(4, STRUCT, groups);
        for (int group = 0; group < groups; group++) {
            all.begin().list(1, STRUCT, columns);
            for (int i = 0; i < columns; i++) {
                all.begin().i64(2, 4).begin(3).i32(1, type).list(2, I32, 0).list(3, BINARY, 0).i32(4, codec).i64(5, count);
                all.i64(6, file.size()).i64(7, file.size() - 4L).i64(9, 4).end().end();
            }
            all.i64(2, unpacked).i64(3, rows).end();
        }
        return all.end().bytes.toByteArray();
    }
}
