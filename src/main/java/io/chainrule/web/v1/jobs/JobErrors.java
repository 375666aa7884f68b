package io.chainrule.web.v1.jobs;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.jobs.JobProblems;
import io.chainrule.service.jobs.JobServices;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemResponse;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.JsonPointer;
import java.util.List;
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
        return refusal == null ? null : text(job, refusal.errors());
    }

    @Override
    public String fault(String job, RuntimeException cause) {
        return text(job, Problems.errors("job " + job, cause));
    }

    private String text(String job, List<ErrorDetail> errors) {
        ErrorDetail first = errors.getFirst();
        return json.writeValueAsString(ProblemResponse.of(ProblemType.of(first.code()), base, first.message(),
                base + JobController.PATH + "/" + job, job, errors));
    }

    /** A problem that was found while the job ran. What rows of a data set have stands at no place of the request. */
    private static ErrorDetail detail(Problem problem) {
        return ErrorDetail.of(ProblemType.of(problem.code().code()), problem.message())
                .at(problem.place() == null ? null : JsonPointer.of(problem.place())).node(problem.node())
                .expected(problem.expected(), problem.actual()).hint(problem.hint());
    }

    /** Says where in the job's request something is wrong; null if that is not what is wrong. */
    static @Nullable RequestException refusal(RuntimeException cause) {
        RequestException refusal = switch (cause) {
            case LimitException limit -> Problems.limited(limit, JobServices.property(limit.limit()));
            case ProblemException problems ->
                new RequestException(problems.problems().stream().map(JobErrors::detail).toList(), problems.total());
            default -> Problems.refusal(cause);
        };
        return refusal == null
                ? null
                : refusal.with(error -> error.pointer() == null ? error : error.at(REQUEST + error.pointer()));
    }
}
