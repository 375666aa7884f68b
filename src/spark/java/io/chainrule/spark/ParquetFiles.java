package io.chainrule.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFooterReader;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The types of the wanted columns in each file of Parquet. Spark itself would read all files by the types of one of them, and no file that
 * has a type which it does not know, be the column wanted or not.
 */
final class ParquetFiles {

    /** So the library begins what it says of a footer that is none. */
    private static final String NO_MEANING = "can not read class";

    private final List<String> wanted;
    private final Configuration hadoop;
    private boolean isSplit;

    /** @param wanted the columns that are read */
    ParquetFiles(List<String> wanted, Configuration hadoop) {
        this.wanted = wanted;
        this.hadoop = hadoop;
    }

    /** The wanted columns of a file, and whether the bytes of numbers in one of them stand apart. */
    private record Columns(MessageType types, boolean isSplit) {}

    /** Puts files together in which the wanted columns have the same types. */
    Map<StructType, List<String>> byTypes(List<String> files) throws InterruptedException {
        List<String> names = names(footer(files.getFirst()).getFileMetaData().getSchema());
        DataException.check(wanted, names);
        List<Columns> columns = Locations.each(files, file -> wanted(footer(file), names));
        isSplit = columns.stream().anyMatch(Columns::isSplit);
        Map<MessageType, List<String>> alike = new LinkedHashMap<>();
        for (int i = 0; i < files.size(); i++) {
            alike.computeIfAbsent(columns.get(i).types(), _ -> new ArrayList<>()).add(files.get(i));
        }
        Map<StructType, List<String>> groups = new LinkedHashMap<>();
        alike.forEach((same, those) -> groups.computeIfAbsent(types(same), _ -> new ArrayList<>()).addAll(those));
        return groups;
    }

    /** Whether the bytes of numbers stand apart in one of the files that were looked at, which Spark's reader of whole vectors refuses. */
    boolean isSplit() {
        return isSplit;
    }

    private ParquetMetadata footer(String file) {
        Path path = new Path(file);
        try {
            return ParquetFooterReader.readFooter(HadoopInputFile.fromPath(path, hadoop), ParquetMetadataConverter.NO_FILTER);
        } catch (FileNotFoundException _) {
            throw DataException.noFile();
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).startsWith(NO_MEANING)) {
                throw DataException.noParquet(path.getName());
            }
            throw new UncheckedIOException(e);
        } catch (RuntimeException _) {
            // The library tells by any of them what is wrong.
            throw DataException.noParquet(path.getName());
        }
    }

    private static List<String> names(MessageType schema) {
        List<String> names = schema.getFields().stream().map(Type::getName).toList();
        Set<String> seen = new HashSet<>();
        names.stream().filter(name -> !seen.add(name)).findFirst().ifPresent(name -> {
            throw DataException.twice(name);
        });
        return names;
    }

    private Columns wanted(ParquetMetadata footer, List<String> names) {
        MessageType schema = footer.getFileMetaData().getSchema();
        DataException.checkSame(names, names(schema));
        boolean isApart = footer.getBlocks().stream().flatMap(group -> group.getColumns().stream())
                .anyMatch(column -> column.getEncodings().contains(Encoding.BYTE_STREAM_SPLIT)
                        && wanted.contains(column.getPath().toArray()[0]));
        return new Columns(new MessageType("row", wanted.stream().map(schema::getType).toList()), isApart);
    }

    private static StructType types(MessageType columns) {
        ParquetToSparkSchemaConverter converter = new ParquetToSparkSchemaConverter(SQLConf.get());
        List<StructField> fields = new ArrayList<>();
        for (Type column : columns.getFields()) {
            try {
                DataType type = converter.convert(new MessageType("row", column)).fields()[0].dataType();
                if (!Cells.isReadable(type)) {
                    throw DataException.notReadable(column.getName(), type.simpleString());
                }
                fields.add(DataTypes.createStructField(column.getName(), type, true));
            } catch (Exception e) {
                if (e instanceof SparkThrowable) {
                    throw DataException.notReadable(column.getName(), String.valueOf(column));
                }
                throw e;
            }
        }
        return DataTypes.createStructType(fields);
    }
}
