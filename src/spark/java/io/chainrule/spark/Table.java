package io.chainrule.spark;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partition;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FilePartition;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/**
 * The wanted columns of a data set, as Spark reads them. Cells of CSV and JSON stay texts, which the core makes numbers of, as it does for
 * the local engine. A partition is one piece of a file. Pieces are numbered in the order of the rows, and are the same on any cluster.
 */
final class Table {
    private static final String QUOTE = "\"";
    private static final String VECTORIZED = "spark.sql.parquet.enableVectorizedReader";
    private static final Pattern PATTERN = Pattern.compile("[\\\\*?\\[\\]{}^]");

    private final SparkSession session;
    private final String format;
    private final List<String> locations;
    private final List<String> files;
    private final boolean isCounted;
    /** Whether a row of CSV has a line break in quotes; null if nobody has looked for it. */
    private final @Nullable Boolean isKnownToBeLong;
    private final RDD<InternalRow> rows;
    private final Pieces pieces;
    private final String digest;
    private final long bytes;

    /**
     * @param data {@code format}, {@code locations}, whether the service has {@code kept} the file, whether the rows were
     *        {@code counted}, and if so the {@code columns} and, where it is known, whether there are {@code long_rows}; and
     *        {@code piece_bytes}
     * @param wanted the columns that are read
     */
    Table(SparkSession session, Map<String, Object> data, List<String> wanted) throws InterruptedException {
        this.session = session;
        format = String.valueOf(data.get("format"));
        locations = texts(data.get("locations"));
        isCounted = Boolean.TRUE.equals(data.get("counted"));
        isKnownToBeLong = (Boolean) data.get("long_rows");
        setPieces(((Number) data.get("piece_bytes")).longValue());
        files = isCounted ? locations : Locations.files(locations.getFirst(), session.sparkContext().hadoopConfiguration());
        Column[] columns = wanted.stream().map(name -> functions.col("`" + name.replace("`", "``") + "`")).toArray(Column[]::new);
        List<RDD<InternalRow>> groups = new ArrayList<>();
        List<PartitionedFile> read = new ArrayList<>();
        List<Cells> cells = new ArrayList<>();
        IntStream.Builder groupOf = IntStream.builder();
        for (Dataset<Row> group : groups(texts(data.get("columns")), wanted)) {
            Dataset<Row> selected = group.select(columns);
            groups.add(selected.queryExecution().toRdd());
            for (Partition partition : groups.getLast().partitions()) {
                read.add(file(partition));
                groupOf.add(cells.size());
            }
            cells.add(new Cells(Arrays.stream(selected.schema().fields()).map(StructField::dataType).toList(), format.equals("jsonl")));
        }
        rows = session.sparkContext().union(CollectionConverters.asScala(groups).toSeq(), ClassTag.apply(InternalRow.class));
        Integer[] order = order(read);
        pieces = new Pieces(Arrays.stream(order).mapToInt(Integer::intValue).toArray(), groupOf.build().toArray(), cells);
        bytes = read.stream().mapToLong(PartitionedFile::length).sum();
        digest = digest(Arrays.stream(order).map(read::get).toList(), Boolean.TRUE.equals(data.get("kept")));
    }

    /** Files that Spark reads together, with the wanted columns. */
    private List<Dataset<Row>> groups(List<String> known, List<String> wanted) throws InterruptedException {
        return switch (format) {
            case "csv" -> List.of(csv(known, wanted));
            case "jsonl" -> List.of(json(wanted));
            default -> {
                List<Dataset<Row>> all = new ArrayList<>();
                ParquetFiles parquet = new ParquetFiles(wanted, session.sparkContext().hadoopConfiguration());
                parquet.byTypes(files).forEach((types, alike) -> all.add(session.read().schema(types).parquet(paths(alike))));
                boolean mayBeVectorized = session.sparkContext().getConf().getBoolean(VECTORIZED, true);
                session.conf().set(VECTORIZED, mayBeVectorized && !parquet.isSplit());
                yield all;
            }
        };
    }

    /**
     * Has each partition be one piece: opening a file counts as much as a whole piece, so that no two come together. The length of pieces
     * then depends neither on the number of cores nor on that of files.
     */
    private void setPieces(long bytes) {
        session.conf().set("spark.sql.files.maxPartitionBytes", bytes);
        session.conf().set("spark.sql.files.openCostInBytes", bytes);
    }

    /** Spark takes patterns, which locations are not. */
    private static String[] paths(List<String> locations) {
        return locations.stream().map(location -> PATTERN.matcher(location).replaceAll("\\\\$0")).toArray(String[]::new);
    }

    private Dataset<Row> lines() {
        return session.read().option("lineSep", "\n").text(paths(locations));
    }

    private Dataset<Row> json(List<String> wanted) {
        if (!isCounted) {
            List<String> wrong = lines().select(functions.col("value").cast(DataTypes.BinaryType))
                    .flatMap(new JsonLineCheck(), Encoders.STRING()).takeAsList(1);
            if (!wrong.isEmpty()) {
                throw new DataException(wrong.getFirst(), "one object in each line, with each name once", null, null, null);
            }
        }
        // A row that lacks a column has a missing cell.
        return session.read().option("mode", "FAILFAST").option("lineSep", "\n").schema(texts(wanted)).json(paths(locations));
    }

    private Dataset<Row> csv(List<String> known, List<String> wanted) throws InterruptedException {
        // A row is a line unless a line break stands in quotes. Then a file is read as a whole: it is not known where in it rows begin.
        // Where nobody has looked, a line with an odd number of quotes is a sign of that.
        boolean hasLongRows = isKnownToBeLong != null
                ? isKnownToBeLong
                : !lines()
                        .filter(functions.length(functions.regexp_replace(functions.col("value"), "[^\"]", "")).mod(2).equalTo(1))
                        .isEmpty();
        // Nobody has looked at rows that are not counted, and one with too few or too many cells would be read wrongly. Spark finds it only
        // if it reads all columns.
        session.conf().set("spark.sql.csv.parser.columnPruning.enabled", isCounted);
        DataFrameReader reader = session.read().option("header", true).option("quote", QUOTE).option("escape", QUOTE)
                .option("lineSep", "\n").option("multiLine", hasLongRows).option("mode", isCounted ? "PERMISSIVE" : "FAILFAST")
                // As on this machine, blanks before cells and their quotes are passed over. With long rows, a line of white space is no row
                // only then.
                .option("ignoreLeadingWhiteSpace", true);
        List<String> names = known.isEmpty() ? names(reader) : known;
        DataException.check(wanted, names);
        return reader.schema(texts(names)).csv(paths(locations));
    }

    /** The names of columns, which Spark itself would take from one file and believe of all. */
    private List<String> names(DataFrameReader reader) throws InterruptedException {
        // Headers are mostly equal; one copy of each is kept.
        Map<String, String> held = new ConcurrentHashMap<>();
        List<String> headers = Locations.each(files, file -> held.computeIfAbsent(
                Locations.header(file, session.sparkContext().hadoopConfiguration()), Function.identity()));
        Map<String, String> different = new LinkedHashMap<>();
        IntStream.range(0, files.size()).forEach(i -> different.putIfAbsent(headers.get(i), files.get(i)));
        // Spark itself would give columns of equal names other ones.
        reader.option("header", false);
        List<List<String>> names = different.values().stream().map(file -> names(reader.csv(paths(List.of(file))).head())).toList();
        reader.option("header", true);
        names.forEach(each -> DataException.checkSame(names.getFirst(), each));
        return names.getFirst();
    }

    /** The names of columns as the service reads them from a header, of which Spark leaves blanks and the CR of CR LF at the end. */
    private static List<String> names(Row header) {
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < header.length(); i++) {
            String text = header.isNullAt(i) ? "" : header.getString(i).strip();
            String name = text.isEmpty() ? "_c" + i : text;
            if (!names.add(name)) {
                throw DataException.twice(name);
            }
        }
        return List.copyOf(names);
    }

    private static StructType texts(List<String> columns) {
        return DataTypes.createStructType(columns.stream().map(name -> DataTypes.createStructField(name, DataTypes.StringType, true))
                .toList());
    }

    private static List<String> texts(Object plain) {
        List<String> all = new ArrayList<>();
        ((List<?>) plain).forEach(text -> all.add((String) text));
        return all;
    }

    private static PartitionedFile file(Partition partition) {
        if (partition instanceof FilePartition files && files.files().length == 1) {
            return files.files()[0];
        }
        throw new IllegalStateException("a partition is no piece of a file: " + partition);
    }

    /** The partitions in the order of their rows: files as they are named, or else by name. */
    private Integer[] order(List<PartitionedFile> read) {
        Map<String, Integer> named = new HashMap<>();
        locations.forEach(location -> named.put(new Path(location).toUri().getPath(), named.size()));
        Integer[] order = IntStream.range(0, read.size()).boxed().toArray(Integer[]::new);
        Arrays.sort(order,
                Comparator.<Integer>comparingInt(i -> named.getOrDefault(path(read.get(i)), 0)).thenComparing(i -> path(read.get(i)))
                        .thenComparingLong(i -> read.get(i).start()));
        return order;
    }

    private static String path(PartitionedFile file) {
        return file.toPath().toUri().getPath();
    }

    /** A file that the service keeps is told by its name, wherever a replica has it and whoever has stored the same bytes again. */
    private static String digest(List<PartitionedFile> files, boolean isKept) {
        MessageDigest digest = sha256();
        files.forEach(
                file -> digest.update(
                        ((isKept ? file.toPath().getName() : path(file) + "\n" + file.modificationTime()) + "\n" + file.start() + "\n"
                                + file.length() + "\n")
                                .getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    RDD<InternalRow> rows() {
        return rows;
    }

    Pieces pieces() {
        return pieces;
    }

    /** The length of all pieces. */
    long bytes() {
        return bytes;
    }

    /** Tells these pieces from others. */
    String digest() {
        return digest;
    }
}
