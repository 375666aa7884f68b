package io.chainrule.service.jobs;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** The version of this replica, as {@link Job#engines} names it. */
@Component
class JobEngine {
    private static final int LENGTH_OF_COMMIT = 12;

    private final String name;

    JobEngine(ObjectProvider<BuildProperties> build) {
        name = build.stream().map(JobEngine::name).findFirst().orElse("development");
    }

    /** The version, and the beginning of the commit where it is known. */
    private static String name(BuildProperties build) {
        String commit = build.get("commit");
        return commit == null || commit.length() < LENGTH_OF_COMMIT
                ? String.valueOf(build.getVersion())
                : build.getVersion() + "+" + commit.substring(0, LENGTH_OF_COMMIT);
    }

    String name() {
        return name;
    }
}
