package io.chainrule.web.v1.jobs;

import io.chainrule.service.jobs.JobCall;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the requests of jobs that were accepted. */
final class JobRequests {
    private JobRequests() {}

    /** A build that knew other fields may have accepted the job, so fields that are not known now are left out. */
    static <T> T accepted(JsonMapper json, JobCall call, Class<T> type) {
        return json.readerFor(type).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).readValue(call.request());
    }
}
