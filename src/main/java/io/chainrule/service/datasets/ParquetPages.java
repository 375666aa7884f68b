package io.chainrule.service.datasets;

import dev.hardwood.internal.compression.DecompressorFactory;
import dev.hardwood.internal.metadata.DataPageHeaderV2;
import dev.hardwood.internal.metadata.PageHeader;
import dev.hardwood.internal.reader.Dictionary;
import dev.hardwood.internal.reader.Page;
import dev.hardwood.internal.reader.PageDecoder;
import dev.hardwood.internal.thrift.PageHeaderReader;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.Encoding;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.schema.ColumnSchema;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.LongConsumer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a column in one group of rows. Sizes and counts are checked before memory is taken for them. While a page is used, a thread
 * of its own decodes the next one; it ends with the page, so that nothing of it is left in the memory of a thread that reads other files.
 */
final class ParquetPages {
    /** The most bytes of a page, packed or not; some programs write pages of 100 MB. */
    private static final int LONGEST_PAGE = 1 << 27;
    private static final int MOST_VALUES = 1 << 25;
    private static final int LONGEST_HEADER = 1 << 20;
    private static final int WINDOW = 1 << 16;
    /** Of memory: a number, or a reference and the header of a text. */
    private static final int BYTES_A_NUMBER = 8;
    private static final int BYTES_A_TEXT = 24;

    private final ParquetFile file;
    private final LongConsumer charge;
    private final ColumnSchema column;
    private final CompressionCodec codec;
    private final PageDecoder decoder;
    private final long end;
    private long position;
    private long valuesLeft;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowFrom;
    private @Nullable Dictionary dictionary;
    private long dictionaryMemory;
    /** Of the page that was decoded last. */
    private long memoryOfLatest;
    private @Nullable FutureTask<Page> next;

    /** @param charge is told how many bytes of memory are held at once, before they are taken */
    ParquetPages(ParquetFile file, ColumnSchema column, ColumnChunk chunk, LongConsumer charge) throws IOException {
        this.file = file;
        this.charge = charge;
        this.column = column;
        ColumnMetaData known = chunk.metaData();
        codec = known.codec();
        decoder = new PageDecoder(unpacked(known), column, new DecompressorFactory(null));
        position = chunk.chunkStartOffset();
        end = Math.addExact(position, known.totalCompressedSize());
        valuesLeft = known.numValues();
        next = begin();
    }

    /** As if the pages were not packed: {@link ParquetPage} unpacks them. */
    private static ColumnMetaData unpacked(ColumnMetaData known) {
        return new ColumnMetaData(known.type(), known.encodings(), known.pathInSchema(), CompressionCodec.UNCOMPRESSED, known.numValues(),
                known.totalUncompressedSize(), known.totalCompressedSize(), known.keyValueMetadata(), known.dataPageOffset(),
                known.dictionaryPageOffset(), known.statistics(), known.geospatialStatistics(), known.bloomFilterOffset(),
                known.bloomFilterLength());
    }

    /** The next page, which has a value at least; null behind the last one. Throws {@link IOException} if it cannot be read. */
    @Nullable
    Page next() throws IOException {
        if (next == null) {
            return null;
        }
        Page page = get(next);
        next = begin();
        return page;
    }

    private Page get(FutureTask<Page> task) throws IOException {
        try {
            return task.get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CancellationException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw damaged(e.getCause());
        }
    }

    private IOException damaged(@Nullable Throwable cause) {
        return refused(cause instanceof IOException ? String.valueOf(cause.getMessage()) : "a page is damaged", cause);
    }

    private IOException refused(String what, @Nullable Throwable cause) {
        return new IOException("the column '" + column.fieldPath().topLevelName() + "': " + what, cause);
    }

    /** Begins to decode the next page of values; null if there is none. */
    private @Nullable FutureTask<Page> begin() throws IOException {
        while (valuesLeft > 0) {
            // A page may be long, and any number of pages may have no values.
            file.check();
            if (position >= end) {
                throw refused("it ends before its values do", null);
            }
            PageHeader header;
            int values;
            try {
                header = header();
                values = check(header);
            } catch (RuntimeException e) {
                throw damaged(e);
            }
            ByteBuffer packed = bytes(header.compressedPageSize());
            position += packed.remaining();
            checkSum(header, packed);
            long memory = memory(header, values);
            switch (header.type()) {
                case DICTIONARY_PAGE -> {
                    charge.accept(memory);
                    dictionaryMemory = decoded(header, values);
                    dictionary = dictionary(header, packed, values);
                }
                case DATA_PAGE, DATA_PAGE_V2 -> {
                    valuesLeft -= values;
                    if (values > 0) {
                        // The page that is used, and the one that is being decoded.
                        charge.accept(dictionaryMemory + memoryOfLatest + memory);
                        memoryOfLatest = decoded(header, values);
                        Dictionary known = dictionary;
                        FutureTask<Page> task = new FutureTask<>(
                                () -> decoder.decodePage(new ParquetPage(header, column).unpacked(codec, packed), known));
                        Thread.ofVirtual().name("parquet-page").start(task);
                        return task;
                    }
                }
                case INDEX_PAGE -> {
                }
            }
        }
        return null;
    }

    private Dictionary dictionary(PageHeader header, ByteBuffer packed, int values) throws IOException {
        try {
            byte[] bytes = new byte[header.uncompressedPageSize()];
            ParquetPacking.unpack(codec, packed, bytes, 0);
            return Dictionary.parse(bytes, values, column.type(), column.typeLength());
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    /** Reads the header of the page that begins here, and goes behind it. */
    private PageHeader header() throws IOException {
        // What was read before is tried first.
        int size = position < windowFrom + window.limit() ? (int) (windowFrom + window.limit() - position) : 0;
        while (true) {
            try {
                ParquetThrift reader = new ParquetThrift(bytes(size), _ -> {});
                PageHeader header = PageHeaderReader.read(reader);
                position += reader.getBytesRead();
                return header;
            } catch (EOFException e) {
                int most = (int) Math.min(LONGEST_HEADER, end - position);
                if (size >= most) {
                    throw refused("the header of a page is not whole", e);
                }
                size = Math.min(most, Math.max(WINDOW, 4 * size));
            }
        }
    }

    /** Returns how many values a page has, once it is known that it can be read in bounded memory. */
    private int check(PageHeader header) throws IOException {
        int packed = header.compressedPageSize();
        int size = header.uncompressedPageSize();
        if (packed > LONGEST_PAGE || size > LONGEST_PAGE || packed > end - position) {
            throw refused("a page claims " + size + " bytes, packed " + packed + "; it may have " + LONGEST_PAGE
                    + ", and no more than the column", null);
        }
        long most = MOST_VALUES;
        int values = switch (header.type()) {
            case DICTIONARY_PAGE -> {
                if (dictionary != null) {
                    throw refused("it has two dictionaries", null);
                }
                yield header.dictionaryPageHeader().numValues();
            }
            case INDEX_PAGE -> 0;
            case DATA_PAGE -> {
                most = Math.min(most, valuesLeft);
                checkEncoding(header.dataPageHeader().encoding());
                yield header.dataPageHeader().numValues();
            }
            case DATA_PAGE_V2 -> {
                DataPageHeaderV2 data = header.dataPageHeaderV2();
                most = Math.min(most, valuesLeft);
                checkEncoding(data.encoding());
                if ((long) data.definitionLevelsByteLength() + data.repetitionLevelsByteLength() > Math.min(packed, size)) {
                    throw refused("the levels of a page are longer than the page", null);
                }
                yield data.numValues();
            }
        };
        if (values < 0 || values > most) {
            throw refused("a page claims " + values + " values, where at most " + most + " can be", null);
        }
        return values;
    }

    /** A few bytes of this encoding may stand for texts of any length. */
    private void checkEncoding(Encoding encoding) throws IOException {
        if (encoding == Encoding.DELTA_BYTE_ARRAY) {
            throw refused("its texts are written as " + encoding + "; write them with a dictionary, or plain", null);
        }
    }

    /** The bytes of memory that a page takes while it is decoded, about. */
    private long memory(PageHeader header, int values) {
        return Math.max(WINDOW, header.compressedPageSize()) + 2L * header.uncompressedPageSize() + decoded(header, values);
    }

    /** The bytes of memory that a page takes once it is decoded, about. */
    private long decoded(PageHeader header, int values) {
        boolean isText = column.type() == PhysicalType.BYTE_ARRAY;
        int levels = (column.maxDefinitionLevel() > 0 ? Integer.BYTES : 0) + (column.maxRepetitionLevel() > 0 ? Integer.BYTES : 0);
        return (isText ? header.uncompressedPageSize() : 0) + (long) values * ((isText ? BYTES_A_TEXT : BYTES_A_NUMBER) + levels);
    }

    private void checkSum(PageHeader header, ByteBuffer packed) throws IOException {
        Integer told = header.crc();
        if (told != null) {
            CRC32 sum = new CRC32();
            sum.update(packed.duplicate());
            if ((int) sum.getValue() != told) {
                throw refused("a page has another checksum than it tells", null);
            }
        }
    }

    /** So many bytes from the position on. */
    private ByteBuffer bytes(int length) throws IOException {
        if (position < windowFrom || position + length > windowFrom + window.limit()) {
            window = file.read(position, (int) Math.max(length, Math.min(WINDOW, end - position)));
            windowFrom = position;
        }
        return window.slice((int) (position - windowFrom), length);
    }
}
