package io.chainrule.service.models;

import java.util.Set;

/** Names versions that must not be removed although they are deleted, such as those that jobs call which wait. */
public interface ModelNeeds {
    Set<Need> models();

    /**
     * One version.
     *
     * @param version as in {@code digits:3}
     */
    record Need(String owner, String version) {}
}
