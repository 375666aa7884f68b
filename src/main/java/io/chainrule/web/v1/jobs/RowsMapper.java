package io.chainrule.web.v1.jobs;

import io.chainrule.core.fit.ParameterVector;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.datasets.Column;
import io.chainrule.service.datasets.Dataset;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.datasets.RowSource;
import io.chainrule.service.datasets.UnknownDatasetException;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.models.ModelName;
import io.chainrule.web.json.ColumnNames;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Caller;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.RequestPointers;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.RowsRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Makes work on rows of what a request asks for, and says what was wrong with the rows. */
@Component
final class RowsMapper {
    /** The prefix of references to data sets in {@link JobCall#meant}: {@code dataset/points} means {@code dataset/3}. */
    static final String DATASET = "dataset/";

    /** The most columns of which a job tells that they are not read; a job shows no more diagnostics. */
    private static final int MOST_TOLD = 100;
    private static final String VALIDATION = "/validation";
    private static final String NAME_A_CLUSTER = "whoever runs the service names a cluster in chainrule.jobs.spark.master";

    private final DatasetService datasets;
    private final KindServices services;
    private final ColumnMapper columnMapper;
    private final Queries queries;
    private final JsonMapper json;

    RowsMapper(DatasetService datasets, KindServices services, Queries queries, JsonMapper json) {
        this.datasets = datasets;
        this.services = services;
        this.columnMapper = new ColumnMapper(services);
        this.queries = queries.within(services.limits());
        this.json = json;
    }

    /** Work on rows, who does it, and who has asked for it. */
    record Prepared(BulkWork work, RowEngine engine, Caller caller) {
        /** What the request's references mean, as far as they have been looked up. */
        Map<String, String> meant() {
            Map<String, String> meant = new LinkedHashMap<>(caller.models().meant());
            Dataset dataset = work.rows().dataset();
            meant.put(DATASET + dataset.name(), DATASET + dataset.version());
            return meant;
        }
    }

    /** Throws {@link RequestException} for all that is wrong with the request. */
    Prepared prepare(RowsRequest request, JobCall call, RowProgram.Derivatives derivatives, List<String> nodes) {
        return prepare(request, call, queries.caller(call), derivatives, nodes, Integer.MAX_VALUE);
    }

    /** The same for work that was done before, so that nothing is read of the data set any more. */
    Prepared done(RowsRequest request, JobCall call, RowProgram.Derivatives derivatives, List<String> nodes) {
        return prepare(request, request.columns(), request.dataset(), "/dataset", call, queries.caller(call), derivatives, nodes,
                Integer.MAX_VALUE, false);
    }

    /** The same for a caller that is known, where at most {@code most} rows are computed together. */
    Prepared prepare(RowsRequest request, JobCall call, Caller caller, RowProgram.Derivatives derivatives, List<String> nodes, int most) {
        return prepare(request, request.columns(), request.dataset(), "/dataset", call, caller, derivatives, nodes, most, true);
    }

    /** Work on the validation data of a fit, with the same columns, and without derivatives. Throws as the others. */
    Prepared validation(FitRequest request, Prepared fitted, JobCall call) {
        Map<String, ColumnNames> columns = new LinkedHashMap<>();
        fitted.work().function().program().inputs().forEach(input -> columns.put(input.input(), input instanceof RowInput.Vector
                ? ColumnNames.of(input.columns())
                : ColumnNames.of(input.columns().getFirst())));
        try {
            Prepared held = prepare(request, columns, request.validation(), VALIDATION, call, fitted.caller(), RowProgram.Derivatives.NONE,
                    List.of(), Integer.MAX_VALUE, true);
            checkShapes(request, fitted.work().function().program(), held.work().function().program());
            return held;
        } catch (RequestException e) {
            // The data set that is fitted has passed with the same program and columns, so the validation data are what is wrong.
            throw e.withoutMendedText().with(error -> error.at(VALIDATION));
        }
    }

    /** Refuses validation data of which an input has another shape than of the rows that are fitted: the loss would be another function. */
    private static void checkShapes(FitRequest request, RowProgram fitted, RowProgram held) {
        Map<String, Shape> shapes = new HashMap<>();
        fitted.inputs().forEach(input -> shapes.put(input.input(), input.shape()));
        List<ErrorDetail> errors = held.inputs().stream().filter(input -> !Objects.equals(input.shape(), shapes.get(input.input())))
                .map(input -> ErrorDetail
                        .of(ProblemType.SHAPE_MISMATCH,
                                "input '" + input.input() + "' has shape " + input.shape() + " in a row of '" + request.validation() + "'")
                        .expected("shape " + shapes.get(input.input()) + ", as in '" + request.dataset() + "'", "shape " + input.shape()))
                .toList();
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
    }

    private Prepared prepare(RowsRequest request, @Nullable Map<String, ColumnNames> columns, @Nullable String name, String pointer,
            JobCall call, Caller caller, RowProgram.Derivatives derivatives, List<String> nodes, int most, boolean isRead) {
        Dataset dataset = dataset(name, pointer, call);
        RowEngine engine = engine(request, dataset);
        RowSource rows = isRead ? open(dataset, engine.kind(), pointer) : datasets.unread(dataset);
        RowPolicy policy = new RowPolicy(Objects.requireNonNullElse(request.on_cell(), RowPolicy.OnCell.FAIL),
                Objects.requireNonNullElse(request.on_result(), RowPolicy.OnResult.FAIL));
        RowFunction function = queries.answered(request, caller.models(), query -> {
            List<RowInput> inputs = columnMapper.inputs(columns, query, rows, policy.cells());
            RowProgram program = new RowProgram(query.source(), query.output(), derivatives, query.wrt(), nodes, inputs, query.values(),
                    query.initializerSeed());
            try {
                return services.functions().prepared(limits -> RowFunction.of(program, limits, most));
            } catch (ProblemException e) {
                throw e.with(problem -> ColumnMapper.withColumn(problem, rows));
            }
        });
        return new Prepared(new BulkWork(rows, function, policy), engine, caller);
    }

    /**
     * Tells of values in {@code inputs} that are outside of the ranges of the model that the request names, and of those in whose place a
     * column of the same name might be meant. What columns hold is not looked at.
     */
    void tellOfInputs(RowsRequest request, Prepared prepared, JobCall call, JobRun run) {
        ResponseMapper mapper = new ResponseMapper(null, call.language());
        Stream.concat(queries.outOfRange(request, prepared.caller().models()).stream(), unread(request, prepared.work()))
                .forEach(found -> run.diagnostic(json.writeValueAsString(mapper.diagnostic(found))));
    }

    /**
     * Columns whose names are those of inputs with a value, and which are not read for that reason. What is fitted is left out: it needs a
     * value to begin with.
     */
    private static Stream<Diagnostic> unread(RowsRequest request, BulkWork work) {
        if (request.columns() != null || request.inputs() == null) {
            return Stream.empty();
        }
        Set<String> given = new HashSet<>(request.inputs().keySet());
        if (request instanceof FitRequest) {
            given.removeAll(ParameterVector.of(work.function().quantities()).shapes().keySet());
        }
        return work.rows().columns().stream()
                .filter(column -> column.type() == Column.Type.NUMBER || column.type() == Column.Type.ARRAY).map(Column::name)
                .filter(given::contains).limit(MOST_TOLD).map(name -> Diagnostic.trouble("unread-column", name, Map.of(),
                        Phrase.of("diagnostic.unread-column", name), Phrase.of("remedy.unread-column", name)));
    }

    /** The parameters of a network that were drawn from the seed, as an answer tells them; null if there are none. */
    static @Nullable Map<String, EncodedTensor> drawn(BulkWork work, ResponseMapper mapper) {
        Map<String, Tensor> drawn = work.function().drawn();
        return drawn.isEmpty() ? null : mapper.encode(drawn);
    }

    /** How many numbers the parameters have that were drawn from the seed. */
    static long drawnNumbers(BulkWork work) {
        return work.function().drawn().values().stream().mapToLong(Tensor::length).sum();
    }

    /** Notes that the data set is being read, so that it is not removed meanwhile. */
    void use(BulkWork work) {
        datasets.use(work.rows().dataset());
    }

    /** Returns the references to models among all references of a request. */
    static Map<String, String> models(Map<String, String> meant) {
        return meant.entrySet().stream().filter(pair -> !pair.getKey().startsWith(DATASET))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Returns the version of each data set, by its name, from the map of all references of a request. */
    static Map<String, Integer> versions(Map<String, String> meant) {
        Map<String, Integer> versions = new HashMap<>();
        meant.forEach((reference, version) -> {
            if (reference.startsWith(DATASET)) {
                versions.put(reference.substring(DATASET.length()), Integer.valueOf(version.substring(DATASET.length())));
            }
        });
        return versions;
    }

    private Dataset dataset(@Nullable String name, String pointer, JobCall call) {
        if (name == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the request names no data set").at(pointer)
                    .expected("the name of a data set", "nothing"));
        }
        Integer version = versions(call.meant()).get(name);
        try {
            // PostgreSQL refuses text with the character 0, so it is not asked for a name that is not legal.
            if (!ModelName.isLegal(name)) {
                throw new UnknownDatasetException(name);
            }
            return version == null ? datasets.find(call.owner(), name) : datasets.find(call.owner(), name, version);
        } catch (UnknownDatasetException e) {
            throw new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, String.valueOf(e.getMessage())).at(pointer)
                    .hint("GET /v1/datasets lists the data sets"));
        }
    }

    private RowEngine engine(RowsRequest request, Dataset dataset) {
        RowEngine.Kind kind = Objects.requireNonNullElse(request.engine(),
                dataset.isLocal() ? RowEngine.Kind.LOCAL : RowEngine.Kind.SPARK);
        if (kind == RowEngine.Kind.SPARK && dataset.format() == DatasetFormat.NPY) {
            throw refused("Spark does not read npy", "the engine 'local', or data in CSV, JSON Lines or Parquet", "npy", null);
        }
        return services.engine(kind).orElseThrow(() -> refused(
                (dataset.isLocal() ? "" : "only Spark can read '" + dataset.location() + "', and ") + "this service has no Spark",
                "the engine 'local' and a data set that it can read", "spark",
                NAME_A_CLUSTER));
    }

    /** Whether a request was refused because this replica has no engine that another one may have. */
    static boolean isWithoutEngine(RequestException refusal) {
        return refusal.errors().stream().anyMatch(error -> NAME_A_CLUSTER.equals(error.hint()));
    }

    private static RequestException refused(String message, String expected, String actual, @Nullable String hint) {
        return new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, message).at("/engine").expected(expected, actual).hint(hint));
    }

    /** What is wrong with the files is wrong with the field of the request that names the data set. */
    private RowSource open(Dataset dataset, RowEngine.Kind engine, String pointer) {
        try {
            RowSource rows = engine == RowEngine.Kind.LOCAL ? datasets.open(dataset) : datasets.locate(dataset);
            rows.checkUnchanged();
            return rows;
        } catch (ProblemException e) {
            throw RequestPointers.refusal(e).with(error -> error.at(pointer));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
