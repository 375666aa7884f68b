package io.chainrule.web.v1;

import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.service.access.Scope;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.LocalEngine;
import io.chainrule.service.bulk.Mapping;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.JobServices;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.web.http.UploadProperties;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What a program comes to for each row of a data set, as jobs that make another data set. */
@Component
final class MapJobs implements JobKind {
    private static final Duration WHEN_FULL = Duration.ofMinutes(1);

    private final JobServices services;
    private final LocalEngine engine;
    private final RowsMapper rows;
    private final DatasetService datasets;
    private final long keepFree;
    private final JsonMapper json;

    MapJobs(JobServices services, RowsMapper rows, DatasetService datasets, UploadProperties uploads, JsonMapper json) {
        this.services = services;
        this.engine = services.engine();
        this.rows = rows;
        this.datasets = datasets;
        this.keepFree = uploads.keepFree();
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

    private RowsMapper.Prepared prepare(MapRequest request, JobCall call) {
        if (request.save_as() == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "nothing says which data set the results become")
                    .at("/save_as").expected("the name of a data set", "nothing"));
        }
        DatasetUploads.checkName(request.save_as());
        format(request);
        RowsMapper.Prepared prepared = rows.prepare(request, call, Objects.requireNonNullElse(request.derivatives(), Derivatives.GRADIENT),
                Objects.requireNonNullElse(request.of(), List.of()));
        BulkWork work = prepared.work();
        List<String> repeated = Mapping.repeatedColumns(work.function().quantities());
        if (!repeated.isEmpty()) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE,
                    "the results would have more than one column '" + repeated.getFirst() + "'").at("/of")
                    .expected("nodes with other names than 'row', 'value' and the derivatives' columns", repeated.getFirst())
                    .hint("give the node another name in the program, or leave it out"));
        }
        engine.check(work, Mapping.mostBytes(work.function().quantities()));
        return prepared;
    }

    @Override
    public Accepted check(JobCall call) {
        MapRequest request = json.readValue(call.request(), MapRequest.class);
        RowsMapper.Prepared prepared = prepare(request, call);
        DatasetUploads.checkShared(datasets);
        datasets.checkQuotas(call.owner(), 0);
        BulkWork work = prepared.work();
        return new Accepted(services.cost(work, 1, Math.max(0, work.count()), "rows"), prepared.meant());
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        MapRequest request = json.readValue(call.request(), MapRequest.class);
        BulkWork work = prepare(request, call).work();
        rows.use(work);
        DatasetFormat format = format(request);
        DatasetDraft draft = datasets.draft(run.id());
        Mapping mapping = Mapping.of(work, format, draft, services.secondsARow(work), run.earlier());
        RowsProgress progress = new RowsProgress(run, mapping.earlier(), work.count(), () -> rows.use(work), mapping::state) {
            @Override
            public void done(long done) {
                checkRoom(call.owner(), draft);
                super.done(done);
            }
        };
        mapping.run(engine, progress);
        try {
            Path whole = mapping.join(progress);
            // Whoever has lost the job stores no data set.
            run.check();
            DatasetService.Stored stored = datasets.put(call.owner(), Objects.requireNonNull(request.save_as()), format, whole);
            return json.writeValueAsBytes(new MapResponse(DatasetResponse.of(stored.dataset(), stored.layout().columns()),
                    RowsMapper.rows(mapping.tally())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The results so far count as the owner's, so that a job ends early whose results could not be stored. */
    private void checkRoom(String owner, DatasetDraft draft) {
        try {
            datasets.checkQuotas(owner, draft.bytes());
            if (draft.free() < keepFree) {
                throw new OverloadedException(OverloadedException.Resource.DISK,
                        "the disk for data sets has no more room than chainrule.uploads.keep-free leaves", WHEN_FULL);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void ended(String id) {
        try {
            datasets.draft(id).remove();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
