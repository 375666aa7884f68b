package io.chainrule.service.datasets;

import dev.hardwood.internal.metadata.DataPageHeader;
import dev.hardwood.internal.metadata.DataPageHeaderV2;
import dev.hardwood.internal.metadata.PageHeader;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.Encoding;
import dev.hardwood.schema.ColumnSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A page of values, which is written anew as a page that is not packed, in the compact protocol of Thrift. So the library, which believes
 * the sizes within, gets it only once they have been checked.
 */
final class ParquetPage {
    /** The next field is an integer of 32 bits. The high four bits are the distance from the field before, the others are the type. */
    private static final int NEXT_NUMBER = 0x15;
    /** The end of a structure. */
    private static final int END = 0;
    /** Field 5 after field 3, a structure. */
    private static final int DATA = 0x2C;
    /** Field 8 after field 3, a structure. */
    private static final int DATA_V2 = 0x5C;
    /** The next field is {@code false}. */
    private static final int NEXT_FALSE = 0x12;
    private static final int TYPE_DATA = 0;
    private static final int TYPE_DATA_V2 = 3;
    private static final int RLE = 3;
    /** The most values of a block of differences; programs write 128 to 2,048. */
    private static final int LARGEST_BLOCK = 1 << 16;

    private final PageHeader header;
    private final ColumnSchema column;

    ParquetPage(PageHeader header, ColumnSchema column) {
        this.header = header;
        this.column = column;
    }

    /** The page with its header. Throws {@link IOException} if it does not unpack, or claims sizes that it cannot have. */
    ByteBuffer unpacked(CompressionCodec codec, ByteBuffer packed) throws IOException {
        int size = header.uncompressedPageSize();
        DataPageHeaderV2 second = header.dataPageHeaderV2();
        byte[] head = header.dataPageHeader() == null ? head(second, size) : head(header.dataPageHeader(), size);
        byte[] page = new byte[head.length + size];
        System.arraycopy(head, 0, page, 0, head.length);
        int from = head.length;
        boolean isPacked = true;
        if (header.dataPageHeader() == null) {
            // In pages of the second kind levels are not packed.
            int levels = second.repetitionLevelsByteLength() + second.definitionLevelsByteLength();
            packed.get(page, from, levels);
            from += levels;
            isPacked = second.isCompressed() && packed.hasRemaining();
        }
        ParquetPacking.unpack(isPacked ? codec : CompressionCodec.UNCOMPRESSED, packed, page, from);
        Encoding encoding = header.dataPageHeader() == null ? second.encoding() : header.dataPageHeader().encoding();
        if (encoding == Encoding.DELTA_BINARY_PACKED || encoding == Encoding.DELTA_LENGTH_BYTE_ARRAY) {
            checkBlocks(ByteBuffer.wrap(page, from, page.length - from));
        }
        return ByteBuffer.wrap(page);
    }

    private static byte[] head(DataPageHeader data, int size) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        numbers(out, TYPE_DATA, size, size);
        out.write(DATA);
        numbers(out, data.numValues(), number(data.encoding()), RLE, RLE);
        out.write(END);
        out.write(END);
        return out.toByteArray();
    }

    private static byte[] head(DataPageHeaderV2 data, int size) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        numbers(out, TYPE_DATA_V2, size, size);
        out.write(DATA_V2);
        numbers(out, data.numValues(), data.numNulls(), data.numRows(), number(data.encoding()), data.definitionLevelsByteLength(),
                data.repetitionLevelsByteLength());
        out.write(NEXT_FALSE);
        out.write(END);
        out.write(END);
        return out.toByteArray();
    }

    private static void numbers(ByteArrayOutputStream out, int... numbers) {
        for (int number : numbers) {
            out.write(NEXT_NUMBER);
            int rest = number << 1;
            for (; (rest & ~0x7F) != 0; rest >>>= 7) {
                out.write(rest & 0x7F | 0x80);
            }
            out.write(rest);
        }
    }

    private static int number(Encoding encoding) throws IOException {
        return switch (encoding) {
            case PLAIN -> 0;
            case PLAIN_DICTIONARY -> 2;
            case RLE -> 3;
            case DELTA_BINARY_PACKED -> 5;
            case DELTA_LENGTH_BYTE_ARRAY -> 6;
            case RLE_DICTIONARY -> 8;
            case BYTE_STREAM_SPLIT -> 9;
            default -> throw new IOException("a page is encoded as " + encoding);
        };
    }

    /** Differences begin with the sizes of their blocks. */
    private void checkBlocks(ByteBuffer values) throws IOException {
        if (header.dataPageHeader() != null) {
            values.order(ByteOrder.LITTLE_ENDIAN);
            int kinds = (column.maxRepetitionLevel() > 0 ? 1 : 0) + (column.maxDefinitionLevel() > 0 ? 1 : 0);
            for (int i = 0; i < kinds; i++) {
                int levels = values.getInt();
                values.position(Math.addExact(values.position(), levels));
            }
        }
        int block = unsigned(values);
        int parts = unsigned(values);
        if (block <= 0 || block > LARGEST_BLOCK || parts <= 0 || parts > block) {
            throw new IOException("a page claims blocks of " + Integer.toUnsignedString(block) + " values in "
                    + Integer.toUnsignedString(parts) + " parts");
        }
    }

    private static int unsigned(ByteBuffer bytes) {
        int number = 0;
        int shift = 0;
        int next;
        do {
            next = bytes.get();
            number |= (next & 0x7F) << shift;
            shift += 7;
        } while ((next & 0x80) != 0);
        return number;
    }
}
