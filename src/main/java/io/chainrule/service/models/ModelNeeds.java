package io.chainrule.service.models;

import java.util.Set;

/** Names deleted versions that must not be removed yet, such as those that waiting jobs call. */
public interface ModelNeeds {
    Set<Need> models();

    /**
     * One version.
     *
     * @param version as in {@code digits:3}
     */
    record Need(String owner, String version) {}
}
