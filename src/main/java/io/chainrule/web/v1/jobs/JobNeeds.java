package io.chainrule.web.v1.jobs;

import io.chainrule.service.datasets.DatasetNeeds;
import io.chainrule.service.jobs.JobService;
import io.chainrule.service.models.ModelNeeds;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Names what jobs that have not ended still need: the data sets that they read, the parts of results that they have made, and the models
 * that they call. A job may wait for days.
 */
@Component
class JobNeeds implements DatasetNeeds, ModelNeeds {
    private final JobService jobs;

    JobNeeds(JobService jobs) {
        this.jobs = jobs;
    }

    @Override
    public List<DatasetNeeds.Need> all() {
        return jobs.active().stream()
                .map(job -> new DatasetNeeds.Need(job.id(), job.owner(), RowsMapper.versions(job.meant()))).toList();
    }

    @Override
    public List<String> drafts(String owner) {
        return jobs.unstored(owner);
    }

    @Override
    public Set<ModelNeeds.Need> models() {
        return jobs.active().stream().flatMap(job -> RowsMapper.models(job.meant()).values().stream()
                .map(version -> new ModelNeeds.Need(job.owner(), version))).collect(Collectors.toSet());
    }
}
