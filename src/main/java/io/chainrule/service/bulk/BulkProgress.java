package io.chainrule.service.bulk;

import io.chainrule.core.tensor.Checkpoint;

/** Follows work on rows. {@link #check} may throw to end it; several threads call it. */
public interface BulkProgress extends Checkpoint {
    /** Called with the number of rows that are done. No part is being worked on meanwhile, so that the state may be stored. */
    void done(long rows);
}
