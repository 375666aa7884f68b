package io.chainrule.service.datasets;

import java.util.List;
import java.util.Map;

/** Tells what has to stay although nobody reads it now, such as the data sets of jobs that wait. */
public interface DatasetNeeds {
    List<Need> all();

    /**
     * What one job needs.
     *
     * @param draft the name of its draft, if it has one
     * @param owner whose data sets it reads
     * @param versions the number of the version that it reads, by the name of the data set
     */
    record Need(String draft, String owner, Map<String, Integer> versions) {}
}
