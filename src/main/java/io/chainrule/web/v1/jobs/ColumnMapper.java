package io.chainrule.web.v1.jobs;

import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.datasets.Column;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.RowSource;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.run.Query;
import io.chainrule.web.json.ColumnNames;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.JsonPointer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The inputs of programs that columns of data sets give. */
final class ColumnMapper {
    /** How many columns an error message lists at most. */
    private static final int MOST_LISTED = 50;

    private final KindServices services;

    ColumnMapper(KindServices services) {
        this.services = services;
    }

    /** Adds a hint if an input has no value but a column has its name. The client probably forgot to name that column. */
    static Problem withColumn(Problem problem, RowSource rows) {
        boolean isColumn = rows.columns().stream().anyMatch(column -> column.name().equals(problem.node()));
        return isColumn && problem.code() == ProblemCode.MISSING_INPUT
                ? problem.hint("add \"%1$s\": \"%1$s\" to columns".formatted(problem.node()))
                : problem;
    }

    /** Where inputs come from; {@code columns} is null if the request does not say so. */
    List<RowInput> inputs(@Nullable Map<String, ColumnNames> columns, Query query, RowSource rows, OnCell policy) {
        if (!rows.isCounted()) {
            return uncounted(columns, rows);
        }
        Map<String, Column> known = new LinkedHashMap<>();
        rows.columns().forEach(column -> known.put(column.name(), column));
        Map<String, ColumnNames> asked = columns == null ? byName(query, known) : columns;
        List<ErrorDetail> errors = new ArrayList<>();
        List<RowInput> inputs = new ArrayList<>();
        asked.forEach((input, names) -> {
            names.names().forEach(name -> {
                Column column = known.get(name);
                if (errors.size() == RequestException.MOST) {
                    throw new RequestException(errors);
                } else if (column == null) {
                    errors.add(error("the data set '" + rows.dataset().name() + "' has no column '" + name + "'", input,
                            "one of " + listed(known.keySet()), name));
                } else if (column.type() == Column.Type.OTHER) {
                    errors.add(error("the column '" + name + "' has values that no input can have", input, "numbers, or arrays of numbers",
                            "others")
                            .hint("write the column as numbers of floating point, or as lists of them, in Parquet of three levels"));
                } else if (column.type() == Column.Type.TEXT && policy == OnCell.FAIL) {
                    errors.add(error("the column '" + name + "' has text", input, "numbers, or arrays of numbers", "text")
                            .hint("name a column of numbers; or \"on_cell\": \"skip\" leaves rows with text out, and \"nan\" has such cells be NaN"));
                } else if (column.type() == Column.Type.ARRAY && !names.isOne() && !isNumber(column, rows)) {
                    errors.add(error("the column '" + name + "' has arrays, and a list of columns has one number in each", input,
                            "columns of numbers", "arrays").hint("name the column alone, not in a list: it is the whole input"));
                }
            });
            if (names.names().isEmpty()) {
                errors.add(error("input '" + input + "' has no columns", input, "the name of a column", "none"));
            } else if (!names.isOne()) {
                inputs.add(new RowInput.Vector(input, names.names()));
            } else if (known.containsKey(names.names().getFirst())) {
                inputs.add(one(input, Objects.requireNonNull(known.get(names.names().getFirst())), errors));
            }
        });
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
        return inputs;
    }

    /** Whether each array of a column can be read as one number. Arrays that are stored as text cannot. */
    private static boolean isNumber(Column column, RowSource rows) {
        DatasetFormat format = rows.dataset().format();
        return List.of(1).equals(column.shape()) && (format == DatasetFormat.PARQUET || format == DatasetFormat.NPY);
    }

    private static String listed(Set<String> columns) {
        List<String> first = columns.stream().limit(MOST_LISTED).toList();
        return first.size() < columns.size() ? first + " and " + (columns.size() - first.size()) + " others" : first.toString();
    }

    /** Of what only Spark can read nothing is known before the job runs but what the request says. */
    private static List<RowInput> uncounted(@Nullable Map<String, ColumnNames> columns, RowSource rows) {
        if (columns == null || columns.values().stream().anyMatch(names -> names.names().isEmpty())) {
            throw new RequestException(ErrorDetail
                    .of(ProblemType.INVALID_VALUE, "the columns of '" + rows.dataset().name() + "' are not known before Spark reads them")
                    .at("/columns").expected("the column of each input, or a list of columns", columns == null ? "nothing" : "no column"));
        }
        List<RowInput> inputs = new ArrayList<>();
        columns.forEach((input, names) -> inputs.add(names.isOne()
                ? new RowInput.Scalar(input, names.names().getFirst())
                : new RowInput.Vector(input, names.names())));
        return inputs;
    }

    private static RowInput one(String input, Column column, List<ErrorDetail> errors) {
        if (column.type() != Column.Type.ARRAY) {
            return new RowInput.Scalar(input, column.name());
        }
        if (column.shape() == null) {
            Column.Differing found = column.differing();
            errors.add(error("the arrays of column '" + column.name() + "' have different shapes", input, "arrays of one shape",
                    found == null ? "several shapes" : found.first() + " and, first in row " + found.row() + ", " + found.other()));
            return new RowInput.Scalar(input, column.name());
        }
        return new RowInput.Array(input, column.name(), shape(column));
    }

    private static Shape shape(Column column) {
        return Shape.of(Objects.requireNonNull(column.shape()).stream().mapToInt(Integer::intValue).toArray());
    }

    private static ErrorDetail error(String message, String input, String expected, String actual) {
        return ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(JsonPointer.of("columns", input)).expected(expected, actual);
    }

    /** The columns that are called as inputs of the program are that have no value. */
    private Map<String, ColumnNames> byName(Query query, Map<String, Column> columns) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        columns.forEach((name, column) -> {
            if (column.type() != Column.Type.ARRAY) {
                shapes.put(name, Shape.SCALAR);
            } else if (column.shape() != null) {
                shapes.put(name, shape(column));
            }
        });
        Set<String> read = services.functions().prepared(limits -> Program.of(query.source(), limits.nesting())
                .inputsBesides(Shapes.ofValues(query.values()), shapes, limits));
        Map<String, ColumnNames> found = new LinkedHashMap<>();
        columns.keySet().stream().filter(read::contains).forEach(name -> found.put(name, ColumnNames.of(name)));
        return found;
    }
}
