package io.chainrule.web.v1.jobs;

import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobProperties;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.JsonMemory;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.http.BodyRoute;
import io.chainrule.web.problem.RequestException;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** How long the requests of jobs may be, and how they are read. */
@Component
class JobRequests {
    private final JsonMapper json;
    private final Budget budget;

    JobRequests(JsonMapper json, Budget budget) {
        this.json = json;
        this.budget = budget;
    }

    @Bean
    static BodyRoute jobRoute(JobProperties properties) {
        return new BodyRoute(JobController.PATH, properties.requestBytes(), "chainrule.jobs.request-bytes");
    }

    /** The request of a job that is to be accepted, for which the memory of its body has been taken. */
    <T> T of(JobCall call, Class<T> type) {
        return json.readValue(call.request(), type);
    }

    /**
     * The request of a job that was accepted. The attempt keeps the memory of what was read, and has that of reading only meanwhile. Throws
     * {@link StoreUnavailableException} if a field is not known: without it the job could have another result.
     */
    <T> T accepted(JobCall call, Class<T> type) {
        try (Budget.Reservation reading = budget.reserve(JsonMemory.of(call.request()))) {
            T request = of(call, type);
            reading.keep(JsonMemory.kept(call.request()));
            reading.passOn();
            return request;
        } catch (RequestException e) {
            throw StoreUnavailableException.ofOtherVersion("the request", e);
        }
    }
}
