package io.chainrule.service.datasets;

import io.chainrule.core.graph.ProblemException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file of NumPy says of its array (numpy.lib.format, versions 1 to 3). The first axis are the rows; what they hold is one column.
 *
 * @param shape of the whole array
 * @param dataFrom where the elements begin in the file
 */
record NpyHeader(Element element, List<Integer> shape, long rows, long dataFrom) {
    /** The name of the column. */
    static final String COLUMN = "value";

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST = 65_536;
    /** Elements become numbers of 8 bytes. */
    private static final long MOST_ELEMENTS = ByteWindow.LONGEST_ROW / Double.BYTES;
    private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([^']*)'");
    private static final Pattern COMPLEX = Pattern.compile("[<>=|]?c\\d+");
    private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9, ]*)\\)");

    /** How elements are stored. */
    enum Element {
        FLOAT64("<f8", 8),
        FLOAT32("<f4", 4),
        INT64("<i8", 8),
        INT32("<i4", 4),
        INT16("<i2", 2),
        INT8("|i1", 1),
        UINT64("<u8", 8),
        UINT32("<u4", 4),
        UINT16("<u2", 2),
        UINT8("|u1", 1),
        BOOL("|b1", 1);

        final String code;
        final int bytes;

        Element(String code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        /** Reads elements from the beginning of a buffer into an array. */
        void read(ByteBuffer from, double[] into) {
            for (int i = 0; i < into.length; i++) {
                into[i] = switch (this) {
                    case FLOAT64 -> from.getDouble();
                    case FLOAT32 -> from.getFloat();
                    case INT64 -> from.getLong();
                    case INT32 -> from.getInt();
                    case INT16 -> from.getShort();
                    case INT8 -> from.get();
                    case UINT64 -> RowReading.unsigned(from.getLong());
                    case UINT32 -> Integer.toUnsignedLong(from.getInt());
                    case UINT16 -> Short.toUnsignedInt(from.getShort());
                    case UINT8 -> Byte.toUnsignedInt(from.get());
                    case BOOL -> from.get() == 0 ? 0 : 1;
                };
            }
        }
    }

    /** The shape of a row. */
    int[] rowShape() {
        return shape.stream().skip(1).mapToInt(Integer::intValue).toArray();
    }

    /** The elements of a row. */
    int rowLength() {
        return shape.stream().skip(1).reduce(1, (a, b) -> a * b);
    }

    /** The bytes of a row. */
    long rowBytes() {
        return (long) element.bytes * rowLength();
    }

    static void scan(RowFile path, Scan scan) throws IOException {
        NpyHeader header = read(path, scan);
        ColumnScan column = scan.column(COLUMN, 0);
        List<Integer> ofRow = header.shape.subList(1, header.shape.size());
        long whole = header.dataFrom + header.rows * header.rowBytes();
        long length = path.attributes().size();
        if (length != whole) {
            throw scan.fatal("the file has not the elements that its header tells", 0, whole + " bytes", length + " bytes", null);
        }
        if (ofRow.isEmpty()) {
            column.numbers(header.rows);
        } else {
            column.arrays(ofRow, header.rows);
        }
        scan.reader(NpyReader.bytes(header));
        long most = scan.rowsOfSplit(header.rowBytes());
        for (long first = 0; first < header.rows; first += most) {
            long next = Math.min(header.rows, first + most);
            scan.split(first, next, next - first);
        }
    }

    /** Reads the header of a file that has been scanned. */
    static NpyHeader read(RowFile path) throws IOException {
        return read(path, Scan.ofOne());
    }

    private static NpyHeader read(RowFile path, Scan scan) throws IOException {
        try (DataInputStream file = new DataInputStream(path.stream())) {
            byte[] begin = new byte[MAGIC.length + 2];
            file.readFully(begin);
            for (int i = 0; i < MAGIC.length; i++) {
                if (begin[i] != MAGIC[i]) {
                    throw scan.fatal("this is no file of NumPy", 0, "a file of numpy.save", null, "an archive, npz, has to be unpacked");
                }
            }
            int version = begin[MAGIC.length];
            if (version < 1 || version > 3) {
                throw scan.fatal("the file has a version that is not known", 0, "1, 2 or 3", String.valueOf(version), null);
            }
            byte[] size = new byte[version == 1 ? 2 : 4];
            file.readFully(size);
            ByteBuffer sized = ByteBuffer.wrap(size).order(ByteOrder.LITTLE_ENDIAN);
            long length = version == 1 ? Short.toUnsignedLong(sized.getShort()) : Integer.toUnsignedLong(sized.getInt());
            if (length > LONGEST) {
                throw scan.fatal("the header is too long", 0, "at most " + LONGEST + " bytes", length + " bytes", null);
            }
            byte[] text = new byte[(int) length];
            file.readFully(text);
            return of(new String(text, StandardCharsets.UTF_8), begin.length + size.length + length, scan);
        } catch (EOFException _) {
            throw scan.fatal("the file ends within its header", 0, "a file of numpy.save", null, null);
        }
    }

    private static NpyHeader of(String text, long dataFrom, Scan scan) {
        Matcher type = TYPE.matcher(text);
        Matcher order = ORDER.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        if (!type.find() || !order.find() || !shape.find()) {
            throw notUnderstood(scan);
        }
        Element element = null;
        for (Element known : Element.values()) {
            String code = type.group(1).replace('=', '<');
            if (known.code.equals(code) || known.bytes == 1 && known.code.substring(1).equals(code.substring(Math.min(1, code.length())))) {
                element = known;
            }
        }
        if (element == null) {
            throw scan.fatal("elements of this type are not read", 0, "little-endian floats, integers of up to 64 bits, bool",
                    type.group(1),
                    COMPLEX.matcher(type.group(1)).matches()
                            ? "save a.real and a.imag, or both on a last axis by np.stack([a.real, a.imag], axis=-1)"
                            : "convert it by a.astype('<f8')");
        }
        List<Integer> lengths = new ArrayList<>();
        long inRow = 1;
        String all = shape.group(1).strip();
        for (String length : all.isEmpty() ? new String[0] : all.split(" *, *")) {
            if (length.isEmpty() || length.contains(" ")) {
                throw notUnderstood(scan);
            }
            long value = length.length() > 10 ? Long.MAX_VALUE : Long.parseLong(length);
            inRow = lengths.isEmpty() ? inRow : inRow * Math.min(value, MOST_ELEMENTS + 1);
            lengths.add((int) Math.min(value, Integer.MAX_VALUE));
            if (value > Integer.MAX_VALUE || inRow > MOST_ELEMENTS) {
                throw scan.fatal("the array is too large", 0, "up to " + Integer.MAX_VALUE + " rows of up to " + MOST_ELEMENTS
                        + " elements", all, null);
            }
        }
        if (lengths.isEmpty()) {
            throw scan.fatal("a single number has no rows", 0, "an array with an axis", "()", null);
        }
        if (order.group(1).equals("True") && lengths.size() > 1) {
            throw scan.fatal("the rows are not one after the other", 0, "C order", "Fortran order",
                    "convert it by numpy.ascontiguousarray(a)");
        }
        return new NpyHeader(element, lengths, lengths.getFirst(), dataFrom);
    }

    private static ProblemException notUnderstood(Scan scan) {
        return scan.fatal("the header is not understood", 0, "'descr' with one type, 'fortran_order' and 'shape'", null,
                "of a structured array save each field, or all as a table of float64");
    }
}
