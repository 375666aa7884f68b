package io.chainrule.web.v1.jobs;

import io.chainrule.web.OnPostgres;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The same with PostgreSQL, and a folder that replicas share. */
@OnPostgres
class JobOwnersOnPostgresTest extends JobOwnersTest {
    @DynamicPropertySource
    static void shared(DynamicPropertyRegistry properties) {
        properties.add("chainrule.datasets.directory", folder.resolve("shared")::toString);
    }
}
