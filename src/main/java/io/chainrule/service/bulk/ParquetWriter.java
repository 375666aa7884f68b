package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.core.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Writes Apache Parquet, packed by Snappy: numbers as columns of doubles, arrays as lists, nested as they have axes. The usual writer of
 * parquet-java needs Hadoop; the classes that are used here do not.
 */
final class ParquetWriter {
    /** Rows are held in memory until they are so many bytes or more, since the values of a column stand together. */
    private static final int GROUP_BYTES = 1 << 24;
    private static final int LARGEST_GROUP_BYTES = 1 << 27;
    /** The longest footer, which describes all row groups: half of what our own reader accepts. */
    private static final long DESCRIPTION_BYTES = 1 << 25;
    /** What the footer takes for a column in a row group, with the name of the column. */
    private static final long CHUNK_BYTES = 256;
    /** The longest minimum or maximum that a page tells of its values; doubles are shorter. */
    private static final int INDEX_LENGTH = 64;
    private static final String LIST = "list";
    private static final String ELEMENT = "element";

    private final List<String> columns;
    private final List<Shape> shapes;
    private final MessageType schema;
    private final Output output;
    private final ParquetFileWriter file;
    // Values of results hardly ever repeat, so that dictionaries would be made in vain.
    private final ParquetProperties properties = ParquetProperties.builder().withDictionaryEncoding(false).build();

    /** Begins at the end of a file, which may have groups already. */
    ParquetWriter(ResultFile to, List<RowQuantity> quantities) throws IOException {
        columns = RowWriter.columns(quantities);
        shapes = quantities.stream().map(RowQuantity::shape).toList();
        List<Type> fields = new ArrayList<>(List.of(Types.required(PrimitiveTypeName.INT64).named(RowWriter.ROW)));
        for (int k = 0; k < columns.size(); k++) {
            fields.add(type(columns.get(k), shapes.get(k).rank()));
        }
        schema = new MessageType("rows", fields);
        output = new Output(to);
        file = new ParquetFileWriter(output, schema, ParquetFileWriter.Mode.OVERWRITE, GROUP_BYTES, 0, INDEX_LENGTH, Integer.MAX_VALUE,
                true);
        // Only the first groups follow the bytes with which a file begins.
        if (to.position() > 0) {
            output.redirect(new ByteArrayOutputStream());
        }
        file.start();
        output.redirect(null);
    }

    private static Type type(String name, int axes) {
        return axes == 0
                ? Types.required(PrimitiveTypeName.DOUBLE).named(name)
                : Types.requiredGroup().addField(Types.repeatedGroup().addField(type(ELEMENT, axes - 1)).named(LIST))
                        .as(LogicalTypeAnnotation.listType()).named(name);
    }

    /**
     * The bytes of the rows that are held. Very large files of very many columns have larger groups, so that the description of
     * all groups is not too long to be read.
     *
     * @param bytes of all rows
     */
    static long groupBytes(List<RowQuantity> quantities, long bytes) {
        long groups = Math.max(1, DESCRIPTION_BYTES / (CHUNK_BYTES * (1 + quantities.size())));
        long row = Double.BYTES * RowWriter.numbersOfRow(quantities);
        return Math.max(row, Math.clamp(bytes / groups, GROUP_BYTES, LARGEST_GROUP_BYTES));
    }

    /**
     * The most memory in bytes that writing takes: for the rows of a group and their packed pages, and for the description of all groups.
     *
     * @param bytes of all rows
     */
    static long mostBytes(List<RowQuantity> quantities, long bytes) {
        long group = groupBytes(quantities, bytes);
        return 3 * group + CHUNK_BYTES * (1 + quantities.size()) * (bytes / group);
    }

    /** How many rows a group has if all rows are so many bytes. */
    static long rowsOfGroup(List<RowQuantity> quantities, long bytes) {
        return Math.max(1, groupBytes(quantities, bytes) / (Double.BYTES * RowWriter.numbersOfRow(quantities)));
    }

    /** How many groups have about so many bytes. */
    static int groupsOf(long some, List<RowQuantity> quantities, long bytes) {
        return (int) Math.max(1, some / groupBytes(quantities, bytes));
    }

    /** Begins a group. */
    Group group() {
        return new Group();
    }

    /** Writes the indexes of the pages behind the groups. Returns the description of the groups, after which none is written. */
    FileMetaData description() throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        output.redirect(rest);
        file.end(Map.of());
        ByteBuffer bytes = ByteBuffer.wrap(rest.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        int tail = bytes.limit() - Integer.BYTES - ParquetFileWriter.MAGIC.length;
        int begin = tail - bytes.getInt(tail);
        output.to.write(bytes.array(), 0, begin);
        return Util.readFileMetaData(new ByteArrayInputStream(bytes.array(), begin, tail - begin));
    }

    /** Writes the description of all groups with which a file ends. */
    static void writeFooter(FileMetaData description, ResultFile to) throws IOException {
        long begin = to.position();
        Util.writeFileMetaData(description, to);
        int length = Math.toIntExact(to.position() - begin);
        to.write(ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array());
        to.write(ParquetFileWriter.MAGIC);
    }

    /** A row group of the file while its rows are collected. */
    final class Group {
        private final ColumnChunkPageWriteStore pages = new ColumnChunkPageWriteStore(new Packing(), schema, new HeapByteBufferAllocator(),
                INDEX_LENGTH);
        private final ColumnWriteStore values = properties.newColumnWriteStore(schema, pages, pages);
        private final RecordConsumer consumer = new ColumnIOFactory().getColumnIO(schema).getRecordWriter(values);
        private long rows;

        void write(long number, double[] numbers) {
            consumer.startMessage();
            consumer.startField(RowWriter.ROW, 0);
            consumer.addLong(number);
            consumer.endField(RowWriter.ROW, 0);
            int next = 0;
            for (int k = 0; k < columns.size(); k++) {
                consumer.startField(columns.get(k), k + 1);
                next = array(numbers, next, shapes.get(k), 0);
                consumer.endField(columns.get(k), k + 1);
            }
            consumer.endMessage();
            rows++;
        }

        /** Writes the numbers from {@code at} on that the axes from {@code axis} on have; returns where the next ones begin. */
        private int array(double[] numbers, int at, Shape shape, int axis) {
            if (axis == shape.rank()) {
                consumer.addDouble(numbers[at]);
                return at + 1;
            }
            consumer.startGroup();
            int next = at;
            if (shape.dim(axis) > 0) {
                consumer.startField(LIST, 0);
                for (int i = 0; i < shape.dim(axis); i++) {
                    consumer.startGroup();
                    consumer.startField(ELEMENT, 0);
                    next = array(numbers, next, shape, axis + 1);
                    consumer.endField(ELEMENT, 0);
                    consumer.endGroup();
                }
                consumer.endField(LIST, 0);
            }
            consumer.endGroup();
            return next;
        }

        long rows() {
            return rows;
        }

        /** Writes the rows to the file. */
        void end() throws IOException {
            if (rows > 0) {
                consumer.flush();
                file.startBlock(rows);
                values.flush();
                pages.flushToFileWriter(file);
                file.endBlock();
            }
            values.close();
            pages.close();
        }
    }

    private static final class Packing implements BytesInputCompressor {
        @Override
        public BytesInput compress(BytesInput bytes) throws IOException {
            ByteArrayOutputStream plain = new ByteArrayOutputStream(Math.toIntExact(bytes.size()));
            bytes.writeAllTo(plain);
            return BytesInput.from(Snappy.compress(plain.toByteArray()));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.SNAPPY;
        }

        @Override
        public void release() {}
    }

    /** The file as the library sees it, which does not close it. */
    private static final class Output extends PositionOutputStream implements OutputFile {
        private final ResultFile to;
        private @Nullable ByteArrayOutputStream elsewhere;

        Output(ResultFile to) {
            this.to = to;
        }

        /** Sends the bytes that follow to a target. Positions count them as if they were in the file. Null sends them to the file again. */
        void redirect(@Nullable ByteArrayOutputStream target) {
            elsewhere = target;
        }

        @Override
        public PositionOutputStream create(long blockSize) {
            return this;
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSize) {
            return this;
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }

        @Override
        public long getPos() {
            return to.position() + (elsewhere == null ? 0 : elsewhere.size());
        }

        @Override
        public void write(int value) throws IOException {
            (elsewhere == null ? to : elsewhere).write(value);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            (elsewhere == null ? to : elsewhere).write(bytes, from, length);
        }
    }
}
