package io.chainrule.web.v1;

import io.chainrule.core.Transformation;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.access.Scope;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.models.ModelLibrary;
import io.chainrule.service.models.Models;
import io.chainrule.service.models.OutOfRange;
import io.chainrule.service.models.PinnedCalls;
import io.chainrule.service.program.Answer;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.RequestLog;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Makes the queries of requests, with the models that a client may call, and has them answered. */
@Component
public final class Queries {
    private static final String MODELS = Models.class.getName();

    private final Limits limits;
    private final ModelLibrary library;

    @Autowired
    Queries(Limits limits, ModelLibrary library) {
        this.limits = limits;
        this.library = library;
    }

    /** The same within other limits. */
    public Queries within(Limits others) {
        return new Queries(others, library);
    }

    /** The models that the client of a request may call. */
    public Models models(HttpServletRequest exchange) {
        if (exchange.getAttribute(MODELS) instanceof Models known) {
            return known;
        }
        Models models = new Models(library, ClientName.owner(exchange));
        exchange.setAttribute(MODELS, models);
        return models;
    }

    /** Who sent a request. */
    public Caller caller(HttpServletRequest exchange) {
        return new Caller(ClientName.owner(exchange), ClientName.has(exchange, Scope.MODELS_WRITE), models(exchange));
    }

    /** Who sent a job. */
    public Caller caller(JobCall job) {
        return new Caller(job.owner(), job.mayStore(), new Models(library, job.owner(), job.meant()));
    }

    /** The query of a request; throws {@link RequestException} if the fields of the request contradict each other or are missing. */
    public Query of(ProgramRequest request, HttpServletRequest exchange) {
        return of(request, models(exchange));
    }

    /** The same of a request that may call these models. */
    public Query of(ProgramRequest request, Models models) {
        return RequestMapper.query(request, limits, models);
    }

    /** Returns the service's answer; throws {@link RequestException}, with JSON Pointers, for everything that is wrong with the request. */
    public <T> Answer<T> answer(ProgramRequest request, HttpServletRequest exchange, Function<Query, Answer<T>> compute) {
        Answer<T> answer = answer(request, models(exchange), compute);
        RequestLog.nodes(answer.nodeCount());
        return answer;
    }

    /** The same for a request that may call these models. */
    public <T> Answer<T> answer(ProgramRequest request, Models models, Function<Query, Answer<T>> compute) {
        return answered(request, models, compute).with(outOfRange(request, models));
    }

    /** Remarks on values of a request that are outside of the ranges of the model that it names, if its answer is to tell. */
    public List<Diagnostic> outOfRange(ProgramRequest request, Models models) {
        String model = request.model();
        if (model == null || request.diagnostics() == Transformation.Remarks.NONE) {
            return List.of();
        }
        List<Map<String, Tensor>> values = new ArrayList<>();
        values.add(Objects.requireNonNullElse(request.inputs(), Map.of()));
        if (request instanceof StepsRequest steps && steps.heldOut() != null) {
            values.add(steps.heldOut());
        }
        return OutOfRange.of(models.find(model), values);
    }

    /** Returns what is computed of a request that may call these models. Throws the same exceptions. */
    public <R> R answered(ProgramRequest request, Models models, Function<Query, R> compute) {
        try {
            return compute.apply(of(request, models));
        } catch (ProblemException e) {
            throw refusal(e, request, models);
        }
    }

    /** The refusal of a request whose program has problems. */
    public RequestException refusal(ProblemException e, ProgramRequest request, Models models) {
        Set<String> given = Objects.requireNonNullElse(request.inputs(), Map.<String, Tensor>of()).keySet();
        ProblemException told = models.withDeleted(PinnedCalls.told(e, request.expression(), given, models));
        return RequestPointers.refusal(told, request);
    }
}
