package io.chainrule.web.v1.jobs;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.service.access.Scope;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Reduction;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.ResponseMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Reductions over the rows of data sets as jobs. */
@Component
final class ReduceJobs implements JobKind {
    private final KindServices services;
    private final RowsMapper rows;
    private final JobRequests requests;
    private final JsonMapper json;

    ReduceJobs(KindServices services, RowsMapper rows, JobRequests requests, JsonMapper json) {
        this.services = services;
        this.rows = rows;
        this.requests = requests;
        this.json = json;
    }

    @Override
    public String name() {
        return "reduce";
    }

    @Override
    public List<Scope> scopes() {
        return List.of(Scope.DATASETS_READ);
    }

    private static ReduceRequest checked(ReduceRequest request) {
        int ddof = ddof(request);
        if (ddof != 0 && ddof != 1) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "'ddof' is neither 0 nor 1").at("/ddof").expected("0 or 1",
                    String.valueOf(ddof)));
        }
        if (request.ddof() != null && !Boolean.TRUE.equals(request.variance())) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "'ddof' is for 'variance', which is not asked for")
                    .at("/ddof").expected("'variance': true beside it", String.valueOf(request.variance())));
        }
        return request;
    }

    private static int ddof(ReduceRequest request) {
        return Objects.requireNonNullElse(request.ddof(), 0);
    }

    private RowsMapper.Prepared prepare(ReduceRequest request, JobCall call) {
        RowsMapper.Prepared prepared = rows.prepare(request, call, Objects.requireNonNullElse(request.derivatives(), Derivatives.GRADIENT),
                Objects.requireNonNullElse(request.of(), List.of()));
        prepared.engine().check(prepared.work(), RowReduction.mostBytes(prepared.work().function().quantities(), order(request)), 0);
        return prepared;
    }

    private static Moments.Order order(ReduceRequest request) {
        return Boolean.TRUE.equals(request.variance()) ? Moments.Order.SECOND : Moments.Order.FIRST;
    }

    @Override
    public Accepted check(JobCall call) {
        ReduceRequest request = checked(requests.of(call, ReduceRequest.class));
        RowsMapper.Prepared prepared = prepare(request, call);
        BulkWork work = prepared.work();
        services.checkAnswer(work.function().quantities(), order(request) == Moments.Order.SECOND ? 3 : 2,
                RowsMapper.drawnNumbers(work),
                request.arrays() == ArrayForm.BASE64);
        return new Accepted(services.cost(List.of(new KindServices.Passes(work, 1)), Math.max(0, work.count()), "rows"), prepared.meant());
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        ReduceRequest request = checked(requests.accepted(call, ReduceRequest.class));
        RowsMapper.Prepared prepared = prepare(request, call);
        BulkWork work = prepared.work();
        rows.use(work);
        rows.tellOfInputs(request, prepared, call, run);
        double secondsARow = services.secondsARow(work);
        Reduction reduction = Reduction.of(work, order(request), secondsARow, run.earlier());
        reduction.run(prepared.engine(), new RowsProgress(run, reduction, () -> rows.use(work)));
        return json.writeValueAsBytes(
                response(request, prepared.engine().kind(), work, reduction, new ResponseMapper(request.arrays(), call.language())));
    }

    private static ReduceResponse response(ReduceRequest request, RowEngine.Kind engine, BulkWork work, Reduction reduction,
            ResponseMapper mapper) {
        Map<String, ReduceResponse.Statistics> gradients = new LinkedHashMap<>();
        Map<String, Map<String, ReduceResponse.Statistics>> hessians = new LinkedHashMap<>();
        Map<String, ReduceResponse.Statistics> nodes = new LinkedHashMap<>();
        Map<String, ReduceResponse.Statistics> values = new LinkedHashMap<>();
        List<RowQuantity> quantities = reduction.moments().quantities();
        for (int i = 0; i < quantities.size(); i++) {
            RowQuantity quantity = quantities.get(i);
            Moments moments = reduction.moments().moments().get(i);
            ReduceResponse.Statistics statistics = new ReduceResponse.Statistics(mapper.encode(moments.sum()),
                    mapper.encode(moments.mean()),
                    order(request) == Moments.Order.SECOND ? mapper.encode(moments.variance(ddof(request))) : null);
            switch (quantity.kind()) {
                case VALUE -> values.put(quantity.name(), statistics);
                case NODE -> nodes.put(quantity.name(), statistics);
                case GRADIENT -> gradients.put(quantity.name(), statistics);
                case HESSIAN -> hessians.computeIfAbsent(quantity.name(), _ -> new LinkedHashMap<>())
                        .put(String.valueOf(quantity.by()), statistics);
            }
        }
        return new ReduceResponse(engine.text(), ReduceResponse.Rows.of(reduction.tally()), values.values().iterator().next(),
                gradients.isEmpty() ? null : gradients, hessians.isEmpty() ? null : hessians, nodes.isEmpty() ? null : nodes,
                RowsMapper.drawn(work, mapper));
    }
}
