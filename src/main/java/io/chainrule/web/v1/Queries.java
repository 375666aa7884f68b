package io.chainrule.web.v1;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.models.ModelLibrary;
import io.chainrule.service.models.Models;
import io.chainrule.service.program.Answer;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.RequestLog;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Makes the queries of requests, with the models that a client may call, and has them answered. */
@Component
final class Queries {
    private static final String MODELS = Models.class.getName();

    private final Limits limits;
    private final ModelLibrary library;

    @Autowired
    Queries(Limits limits, ModelLibrary library) {
        this.limits = limits;
        this.library = library;
    }

    /** The same within other limits. */
    Queries within(Limits others) {
        return new Queries(others, library);
    }

    /** The models that the client of a request may call. */
    Models models(HttpServletRequest exchange) {
        if (exchange.getAttribute(MODELS) instanceof Models known) {
            return known;
        }
        Models models = new Models(library, ClientName.owner(exchange));
        exchange.setAttribute(MODELS, models);
        return models;
    }

    /** The query of a request; throws {@link RequestException} if the fields of the request contradict each other or are missing. */
    Query of(ProgramRequest request, HttpServletRequest exchange) {
        return RequestMapper.query(request, limits, models(exchange));
    }

    /** Returns the service's answer; throws {@link RequestException}, with JSON Pointers, for everything that is wrong with the request. */
    <T> Answer<T> answer(ProgramRequest request, HttpServletRequest exchange, Function<Query, Answer<T>> compute) {
        try {
            Answer<T> answer = compute.apply(of(request, exchange));
            RequestLog.nodes(answer.nodeCount());
            return answer;
        } catch (ProblemException e) {
            throw RequestPointers.refusal(e, request);
        }
    }
}
