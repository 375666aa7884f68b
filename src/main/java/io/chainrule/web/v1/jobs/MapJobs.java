package io.chainrule.web.v1.jobs;

import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.access.Scope;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Mapping;
import io.chainrule.service.datasets.Dataset;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.datasets.WrittenFile;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobCost;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.Terms;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.JsonPointer;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.StoredName;
import io.chainrule.web.v1.datasets.DatasetResponse;
import io.chainrule.web.v1.datasets.DatasetUploads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What a program comes to for each row of a data set, as jobs that make another data set. */
@Component
final class MapJobs implements JobKind {
    /** How often a map looks for what other maps of its owner have written, in nanoseconds. */
    private static final long BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(1);
    /** After a look, the next one waits this many times as long as the look took. */
    private static final long PAUSES = 20;

    private final KindServices services;
    private final RowsMapper rows;
    private final DatasetService datasets;
    private final JobRequests requests;
    private final JsonMapper json;

    MapJobs(KindServices services, RowsMapper rows, DatasetService datasets, JobRequests requests, JsonMapper json) {
        this.services = services;
        this.rows = rows;
        this.datasets = datasets;
        this.requests = requests;
        this.json = json;
    }

    @Override
    public String name() {
        return "map";
    }

    @Override
    public List<Scope> scopes() {
        return List.of(Scope.DATASETS_READ, Scope.DATASETS_WRITE);
    }

    private static DatasetFormat format(MapRequest request) {
        String asked = Objects.requireNonNullElse(request.format(), DatasetFormat.JSONL.text());
        return DatasetFormat.of(asked).filter(Mapping::writes).orElseThrow(() -> new RequestException(ErrorDetail
                .of(ProblemType.INVALID_VALUE, "results are not written in this format").at("/format")
                .expected("jsonl or parquet", asked)));
    }

    /** @param isRead whether there are rows that are not done yet, so that the files of the data set are read */
    private RowsMapper.Prepared prepare(MapRequest request, JobCall call, boolean isRead) {
        if (request.save_as() == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "nothing says which data set the results become")
                    .at("/save_as").expected("the name of a data set", "nothing"));
        }
        StoredName.check(request.save_as(), "a data set", "/save_as");
        format(request);
        Derivatives derivatives = Objects.requireNonNullElse(request.derivatives(), Derivatives.GRADIENT);
        List<String> nodes = Objects.requireNonNullElse(request.of(), List.of());
        RowsMapper.Prepared prepared = isRead
                ? rows.prepare(request, call, derivatives, nodes)
                : rows.done(request, call, derivatives, nodes);
        BulkWork work = prepared.work();
        List<RowQuantity> quantities = work.function().quantities();
        RowWriter.repeated(quantities).stream().findFirst().ifPresent(name -> {
            throw new RequestException(repeated(name, quantities));
        });
        String refusal = DatasetDraft.refusal(format(request), columns(request, quantities), work.count());
        if (refusal != null) {
            throw new RequestException(ErrorDetail.of(ProblemType.LIMIT_EXCEEDED, refusal).at("/wrt")
                    .expected("fewer results of a row", "more").hint("ask for fewer names, 'derivatives' or nodes"));
        }
        Mapping.check(work, prepared.engine(), format(request), work.count());
        return prepared;
    }

    /** The error of a name that several columns would have: of a node and others, or of derivatives alone. */
    private static ErrorDetail repeated(String name, List<RowQuantity> quantities) {
        List<String> names = RowWriter.columns(quantities);
        boolean isOfNode = IntStream.range(0, names.size())
                .anyMatch(i -> names.get(i).equals(name) && quantities.get(i).kind() == RowQuantity.Kind.NODE);
        ErrorDetail error = ErrorDetail.of(ProblemType.INVALID_VALUE, "the results would have more than one column '" + name + "'");
        return isOfNode
                ? error.at("/of").expected("nodes with other names than 'row', 'value' and the derivatives' columns", name)
                        .hint("give the node another name in the program, or leave it out")
                : error.at("/wrt").expected("names that, joined by '_', make a name for each second derivative", name)
                        .hint("give one of the inputs another name in the program, or leave it out of 'wrt'");
    }

    /** The shapes of the columns of the results, by their names. Throws {@link RequestException} if no data set may have such a name. */
    private static Map<String, List<Integer>> columns(MapRequest request, List<RowQuantity> quantities) {
        List<String> names = RowWriter.columns(quantities);
        for (int i = 0; i < names.size(); i++) {
            RowQuantity quantity = quantities.get(i);
            if (!DatasetDraft.isColumn(names.get(i))) {
                throw new RequestException(ErrorDetail
                        .of(ProblemType.INVALID_VALUE, "the results would have a column whose name no data set may have")
                        .at(quantity.kind() == RowQuantity.Kind.NODE && request.of() != null
                                ? JsonPointer.of("of", request.of().indexOf(quantity.name()))
                                : "/wrt")
                        .expected(DatasetDraft.COLUMN, names.get(i).length() + " characters")
                        .hint("give the node another name in the program, or leave it out"));
            }
        }
        return RowWriter.shapes(quantities);
    }

    @Override
    public Accepted check(JobCall call) {
        MapRequest request = requests.of(call, MapRequest.class);
        RowsMapper.Prepared prepared = prepare(request, call, true);
        DatasetUploads.checkShared(datasets);
        datasets.checkQuotas(call.owner());
        BulkWork work = prepared.work();
        services.checkAnswer(List.of(), 0, RowsMapper.drawnNumbers(work), false);
        long count = Math.max(0, work.count());
        JobCost cost = services.cost(List.of(new KindServices.Passes(work, 1)), count, "rows");
        double writing = Mapping.secondsToWrite(count, work.function().quantities());
        return new Accepted(new JobCost(cost.flops(), cost.seconds() + writing, cost.total(), cost.unit()), prepared.meant());
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        MapRequest request = requests.accepted(call, MapRequest.class);
        // A complete result may be stored already. It then counts as the owner's, and its parts must not count again.
        boolean wasStored = run.stored() > 0;
        // No row is read again if the results are stored, since the files of the rows may have changed or be gone.
        boolean isOver = wasStored && run.earlier() != null;
        RowsMapper.Prepared prepared = prepare(request, call, !isOver);
        BulkWork work = prepared.work();
        rows.use(work);
        rows.tellOfInputs(request, prepared, call, run);
        DatasetFormat format = format(request);
        Mapping mapping = Mapping.of(work, format, datasets.draft(run.id()), services.secondsARow(work), run.earlier(),
                run::alone);
        if (isOver && mapping.hasLeft()) {
            // An older version of the service stored no state with the results.
            throw new UnreadableBytesException("rows are not done whose results are stored");
        }
        Quota quota = new Quota(call.owner());
        boolean wasDone = mapping.isDone() || wasStored;
        if (!wasDone) {
            mapping.checkRoom(mapping.earlier(), work.count());
        }
        RowsProgress progress = new RowsProgress(run, mapping, () -> rows.use(work)) {
            @Override
            public void done(long done) {
                super.done(done);
                if (!wasDone) {
                    Mapping.check(work, prepared.engine(), format, done);
                    try {
                        mapping.checkRoom(done, work.count());
                    } catch (OverloadedException e) {
                        run.state(mapping.state());
                        throw e;
                    }
                    tryStore("look at what its owner has stored", quota::check);
                }
            }

            @Override
            double secondsAfter(long done, long inAll) {
                return mapping.secondsToJoin(done, inAll);
            }
        };
        if (!isOver) {
            mapping.run(prepared.engine(), progress);
        }
        String name = Objects.requireNonNull(request.save_as());
        WrittenFile whole = wasStored ? null : joined(mapping, progress);
        byte[] state = mapping.state();
        DatasetService.Stored stored = run.untilStored(() -> store(call.owner(), name, whole, state, run));
        return json.writeValueAsBytes(
                new MapResponse(prepared.engine().kind().text(), DatasetResponse.of(stored.dataset(), stored.layout().columns()),
                        ReduceResponse.Rows.of(mapping.tally()), RowsMapper.drawn(work, new ResponseMapper(null, call.language()))));
    }

    private WrittenFile joined(Mapping mapping, RowsProgress progress) {
        mapping.checkRoomToJoin();
        return mapping.join(services.engine(), progress);
    }

    /** @param whole what is stored unless the job has stored it before; null if an earlier attempt has */
    private DatasetService.Stored store(String owner, String name, @Nullable WrittenFile whole, byte[] state, JobRun run) {
        int version = run.stored();
        if (whole == null || version > 0) {
            Dataset earlier = datasets.find(owner, name, version);
            return new DatasetService.Stored(earlier, datasets.layout(earlier), false);
        }
        if (!Files.exists(whole.path())) {
            // Where files cannot have two names, a try that fails after the file was named leaves none in the draft. It is joined again.
            throw new UncheckedIOException(new NoSuchFileException(whole.path().toString()));
        }
        return datasets.put(owner, name, whole,
                Terms.guarded(storing -> () -> run.storing(storing, made -> made.dataset().version(), state)));
    }

    @Override
    public void ended(String id) {
        try {
            datasets.draft(id).remove();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a map may still write. What all maps of its owner have written so far counts as the owner's. */
    private final class Quota {
        private final String owner;
        private long nextLook = System.nanoTime();

        Quota(String owner) {
            this.owner = owner;
        }

        /**
         * Throws {@link StorageQuotaException} if the owner may not write more. Looks only now and then, since many files take long to look
         * at.
         */
        void check() {
            long begin = System.nanoTime();
            if (begin - nextLook < 0) {
                return;
            }
            datasets.checkDrafts(owner);
            long end = System.nanoTime();
            nextLook = end + Math.max(BETWEEN_LOOKS, PAUSES * (end - begin));
        }
    }
}
