package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowResults;
import io.chainrule.core.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Writes Apache Parquet, packed by Snappy: numbers as columns of doubles, arrays as lists, nested as they have axes. It uses the parts of
 * parquet-java that need no class of Hadoop; the usual writer and reader of that library do.
 */
final class ParquetWriter implements ResultWriter {
    /** Rows are held in memory until they are so many bytes, since the values of a column stand together. */
    static final int GROUP_BYTES = 1 << 24;

    /** The longest minimum or maximum that a page tells of its values; doubles are shorter. */
    private static final int INDEX_LENGTH = 64;
    private static final String LIST = "list";
    private static final String ELEMENT = "element";
    /** The length of the footer, and {@code PAR1}. */
    private static final int END = 8;

    private final List<String> columns;
    private final List<Shape> shapes;
    private final MessageType schema;
    private final ParquetFileWriter file;
    // Values of results hardly ever repeat, so that dictionaries would be made in vain.
    private final ParquetProperties properties = ParquetProperties.builder().withDictionaryEncoding(false).build();
    private final long rowsOfGroup;
    private @Nullable Group group;

    ParquetWriter(Path path, List<RowQuantity> quantities) throws IOException {
        columns = ResultWriter.columns(quantities);
        shapes = quantities.stream().map(RowQuantity::shape).toList();
        schema = schema(quantities);
        rowsOfGroup = Math.max(1, GROUP_BYTES / ResultWriter.bytesOfRow(quantities));
        file = begin(path, schema);
    }

    private static ParquetFileWriter begin(Path path, MessageType schema) throws IOException {
        ParquetFileWriter file = new ParquetFileWriter(new LocalOutputFile(path), schema, ParquetFileWriter.Mode.OVERWRITE, GROUP_BYTES, 0,
                INDEX_LENGTH, Integer.MAX_VALUE, true);
        file.start();
        return file;
    }

    private static MessageType schema(List<RowQuantity> quantities) {
        List<String> columns = ResultWriter.columns(quantities);
        List<Type> fields = new ArrayList<>(List.of(Types.required(PrimitiveTypeName.INT64).named(ROW)));
        for (int k = 0; k < columns.size(); k++) {
            fields.add(type(columns.get(k), quantities.get(k).shape().rank()));
        }
        return new MessageType("rows", fields);
    }

    private static Type type(String name, int axes) {
        return axes == 0
                ? Types.required(PrimitiveTypeName.DOUBLE).named(name)
                : Types.requiredGroup().addField(Types.repeatedGroup().addField(type(ELEMENT, axes - 1)).named(LIST))
                        .as(LogicalTypeAnnotation.listType()).named(name);
    }

    /** Rows that are written to the file together. */
    private final class Group {
        private final ColumnChunkPageWriteStore pages = new ColumnChunkPageWriteStore(new Packing(), schema, new HeapByteBufferAllocator(),
                INDEX_LENGTH);
        private final ColumnWriteStore values = properties.newColumnWriteStore(schema, pages, pages);
        private final RecordConsumer consumer = new ColumnIOFactory().getColumnIO(schema).getRecordWriter(values);
        private long rows;

        void write(RowResults results, int row) {
            consumer.startMessage();
            consumer.startField(ROW, 0);
            consumer.addLong(results.number(row));
            consumer.endField(ROW, 0);
            for (int k = 0; k < columns.size(); k++) {
                Shape shape = shapes.get(k);
                consumer.startField(columns.get(k), k + 1);
                array(results.values(k), row * shape.length(), shape, 0);
                consumer.endField(columns.get(k), k + 1);
            }
            consumer.endMessage();
            rows++;
        }

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

        boolean isFull() {
            return rows >= rowsOfGroup;
        }

        void end() throws IOException {
            consumer.flush();
            file.startBlock(rows);
            values.flush();
            pages.flushToFileWriter(file);
            file.endBlock();
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

    @Override
    public void write(RowResults results) throws IOException {
        for (int row = 0; row < results.rows(); row++) {
            if (!results.isOmitted(row)) {
                Group current = group == null ? new Group() : group;
                current.write(results, row);
                group = current;
                if (current.isFull()) {
                    endGroup();
                }
            }
        }
    }

    private void endGroup() throws IOException {
        Group full = group;
        group = null;
        if (full != null) {
            full.end();
        }
    }

    @Override
    public void close() throws IOException {
        endGroup();
        file.end(Map.of());
        file.close();
    }

    /** Copies the groups of rows as they are. */
    static void join(List<Path> parts, Path whole, List<RowQuantity> quantities, Runnable checkpoint) throws IOException {
        MessageType schema = schema(quantities);
        try (ParquetFileWriter out = begin(whole, schema)) {
            for (Path part : parts) {
                InputFile file = new LocalInputFile(part);
                try (SeekableInputStream in = file.newStream()) {
                    for (BlockMetaData block : groups(in, file.getLength())) {
                        checkpoint.run();
                        out.startBlock(block.getRowCount());
                        for (ColumnChunkMetaData chunk : block.getColumns()) {
                            out.appendColumnChunk(schema.getColumnDescription(chunk.getPath().toArray()), in, chunk, null, null, null);
                        }
                        out.endBlock();
                    }
                }
            }
            out.end(Map.of());
        }
    }

    private static List<BlockMetaData> groups(SeekableInputStream in, long length) throws IOException {
        byte[] end = new byte[END];
        in.seek(length - END);
        in.readFully(end);
        byte[] footer = new byte[ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt()];
        in.seek(length - END - footer.length);
        in.readFully(footer);
        return new ParquetMetadataConverter().readParquetMetadata(new ByteArrayInputStream(footer), ParquetMetadataConverter.NO_FILTER)
                .getBlocks();
    }
}
