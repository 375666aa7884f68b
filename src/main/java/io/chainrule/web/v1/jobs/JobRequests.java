package io.chainrule.web.v1.jobs;

import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.problem.RequestException;
import tools.jackson.databind.json.JsonMapper;

/** Reads the requests of jobs that were accepted. */
final class JobRequests {
    private JobRequests() {}

    /** Throws {@link StoreUnavailableException} if a field is not known: without it the job could have another result. */
    static <T> T accepted(JsonMapper json, JobCall call, Class<T> type) {
        try {
            return json.readValue(call.request(), type);
        } catch (RequestException e) {
            throw StoreUnavailableException.ofOtherVersion("the request", e);
        }
    }
}
