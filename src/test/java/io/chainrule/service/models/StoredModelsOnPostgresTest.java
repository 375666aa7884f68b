package io.chainrule.service.models;

import io.chainrule.web.PostgresServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The same with PostgreSQL. */
class StoredModelsOnPostgresTest extends StoredModelsTest {
    private static final EmbeddedPostgres DATABASE = PostgresServer.start();

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) {
        properties.add("spring.datasource.url", () -> DATABASE.getJdbcUrl("postgres", "postgres"));
    }

    @AfterAll
    static void stop() throws IOException {
        DATABASE.close();
    }
}
