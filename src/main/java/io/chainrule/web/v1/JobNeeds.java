package io.chainrule.web.v1;

import io.chainrule.service.datasets.DatasetNeeds;
import io.chainrule.service.jobs.JobService;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Names what jobs that have not ended still need: the data sets that they read, and the parts of results that they have made. A job may
 * wait for days.
 */
@Component
class JobDatasets implements DatasetNeeds {
    private final JobService jobs;

    JobDatasets(JobService jobs) {
        this.jobs = jobs;
    }

    @Override
    public List<Need> all() {
        return jobs.active().stream().map(job -> new Need(job.id(), job.owner(), RowsMapper.versions(job.meant()))).toList();
    }
}
