package io.chainrule.service.datasets;

import java.util.List;
import java.util.Map;

/** Names data sets and drafts that must not be removed although nobody reads them now, such as those of jobs that wait. */
public interface DatasetNeeds {
    List<Need> all();

    /** The names of an owner's drafts that have not become data sets; some of them may not be there. */
    List<String> drafts(String owner);

    /**
     * What one job needs.
     *
     * @param draft the name of its draft, if it has one
     * @param owner whose data sets it reads
     * @param versions the number of the version that it reads, by the name of the data set
     */
    record Need(String draft, String owner, Map<String, Integer> versions) {}
}
