package io.chainrule.spark;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.security.AccessControlException;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;

/** Something is wrong with a data set, or with where results are to go, which another attempt would find, too. */
final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String expected;
    private final @Nullable String actual;
    private final @Nullable String hint;
    private final @Nullable String place;

    /** @param place the field of the request where it is wrong; null if it is in the rows */
    DataException(String message, @Nullable String expected, @Nullable String actual, @Nullable String hint, @Nullable String place) {
        super(message);
        this.expected = expected;
        this.actual = actual;
        this.hint = hint;
        this.place = place;
    }

    /** What the program or a row is refused for; a problem itself is not passed on from one process to another. */
    static DataException of(ProblemException refusal) {
        Problem problem = refusal.problems().getFirst();
        return new DataException(problem.message(), problem.expected(), problem.actual(), problem.hint(), null);
    }

    static DataException noFile() {
        return new DataException("there is no such file or folder", "the location of files that Spark may read", null, null, null);
    }

    static DataException notSeen() {
        return new DataException("Spark does not find a file of the data set, or may not read it",
                "files that the driver and each worker see at the same place, and may read", null,
                "whoever runs the service gives them the folders, and Spark the credentials, that the files need", "engine");
    }

    static DataException noFiles(@Nullable String location) {
        return new DataException("the folder has no files", "files of the format", location, null, null);
    }

    static DataException noParquet(@Nullable String file) {
        return new DataException("this is no file of Parquet that can be read", "Parquet, packed by snappy, zstd, gzip or not at all", file,
                null, null);
    }

    static DataException twice(String column) {
        return new DataException("two columns are called '" + column + "'", "each name once", null, null, null);
    }

    /** Throws if a column is wanted that there is not. */
    static void check(List<String> wanted, List<String> names) {
        Set<String> known = Set.copyOf(names);
        wanted.stream().filter(column -> !known.contains(column)).findFirst().ifPresent(column -> {
            throw new DataException("the data set has no column '" + column + "'", "one of " + names.stream().sorted().toList(), column,
                    null, "columns");
        });
    }

    /** Throws if a file has other columns than the first. */
    static void checkSame(List<String> first, List<String> names) {
        if (!names.equals(first)) {
            throw new DataException("the columns are not those of the first file", String.join(",", first), String.join(",", names), null,
                    null);
        }
    }

    static DataException notReadable(String column, String type) {
        return new DataException("the column '" + column + "' of the data set has values that no input can have",
                "numbers, or arrays of numbers", type, "write the column as numbers of floating point", "columns");
    }

    /** What a failure says of the data; null if something else is wrong. */
    static @Nullable DataException of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            DataException known = switch (cause) {
                case DataException data -> data;
                case ProblemException refusal -> of(refusal);
                case ParquetDecodingException _ -> noParquet(null);
                case AccessControlException _ -> notSeen();
                case SparkThrowable told -> of(String.valueOf(told.getCondition()), firstLine(cause));
                default -> null;
            };
            if (known != null) {
                return known;
            }
        }
        return null;
    }

    private static @Nullable DataException of(String condition, String message) {
        return switch (condition.split("[.]", 2)[0]) {
            case "PATH_NOT_FOUND" -> noFile();
            case "UNABLE_TO_INFER_SCHEMA" -> noFiles(null);
            case "MALFORMED_RECORD_IN_PARSING" -> new DataException("a row is not well-formed",
                    "a cell for each column, or an object of JSON in each line", null, message, null);
            case "FAILED_READ_FILE" -> switch (condition.substring(condition.indexOf('.') + 1)) {
                case "CANNOT_READ_FILE_FOOTER" -> noParquet(null);
                case "FILE_NOT_EXIST" -> notSeen();
                case "PARQUET_COLUMN_DATA_TYPE_MISMATCH" -> new DataException("a file has changed while it was read",
                        "columns of the types that they had before", null, "have the job done again", null);
                default -> null;
            };
            default -> null;
        };
    }

    private static String firstLine(Throwable cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    @Nullable
    String expected() {
        return expected;
    }

    @Nullable
    String actual() {
        return actual;
    }

    @Nullable
    String hint() {
        return hint;
    }

    @Nullable
    String place() {
        return place;
    }
}
