package io.chainrule.web.v1.jobs;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.jobs.JobProblems;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.run.Budget;
import io.chainrule.web.problem.ProblemResponse;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.RequestPointers;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What is wrong with jobs, as problems. */
@Component
final class JobErrors implements JobProblems {
    private static final String REQUEST = "/request";

    private final JsonMapper json;
    private final String base;

    JobErrors(JsonMapper json, @Value("${server.servlet.context-path:}") String base) {
        this.json = json;
        this.base = base;
    }

    @Override
    public @Nullable String of(String job, RuntimeException cause) {
        RequestException refusal = refusal(cause);
        return refusal == null ? null : text(job, refusal);
    }

    @Override
    public boolean isOfReplica(RuntimeException cause) {
        return cause instanceof LimitException limit && limit.limit().equals(Budget.LIMIT)
                || cause instanceof RequestException refusal && RowsMapper.isWithoutEngine(refusal);
    }

    @Override
    public String fault(String job, RuntimeException cause) {
        return text(job, new RequestException(Problems.errors("job " + job, cause)));
    }

    private String text(String job, RequestException refusal) {
        return json.writeValueAsString(ProblemResponse.of(refusal, base, base + JobController.PATH + "/" + job, job));
    }

    /** Says where in the job's request something is wrong; null if that is not what is wrong. */
    static @Nullable RequestException refusal(RuntimeException cause) {
        RequestException refusal = switch (cause) {
            case LimitException limit -> Problems.limited(limit, KindServices.property(limit.limit()));
            // What is wrong with rows of a data set stands at no place of the request.
            case ProblemException problems -> RequestPointers.refusal(problems);
            default -> Problems.refusal(cause);
        };
        return refusal == null
                ? null
                : refusal.with(error -> error.pointer() == null ? error : error.at(REQUEST + error.pointer()));
    }
}
