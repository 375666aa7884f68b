package io.chainrule.service.store;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.springframework.stereotype.Component;

/** The tables of the database, which Flyway makes and changes. */
@Component
class Tables {
    /** A migration may take long, so that a server that hangs is waited for longer than requests wait for it. In seconds. */
    private static final String PATIENCE = "3600";

    private final Flyway flyway;
    private final HikariDataSource pool;

    Tables(Flyway flyway, HikariDataSource pool) {
        this.flyway = flyway;
        this.pool = pool;
    }

    /**
     * Brings the tables up to date, by connections that are closed afterwards: where a migration fails, Flyway does not give all of them
     * back. Where the operator has given Flyway a user of its own, it has its own connections, too.
     */
    void migrate() {
        FluentConfiguration configuration = Flyway.configure(flyway.getConfiguration().getClassLoader())
                .configuration(flyway.getConfiguration());
        if (!pool.equals(configuration.getDataSource())) {
            flyway.migrate();
            return;
        }
        try (HikariDataSource connections = connections()) {
            configuration.dataSource(connections).load().migrate();
        }
    }

    private HikariDataSource connections() {
        HikariDataSource connections = new HikariDataSource();
        connections.setPoolName("migration");
        connections.setJdbcUrl(pool.getJdbcUrl());
        connections.setUsername(pool.getUsername());
        connections.setPassword(pool.getPassword());
        connections.setCatalog(pool.getCatalog());
        connections.setSchema(pool.getSchema());
        connections.setConnectionInitSql(pool.getConnectionInitSql());
        connections.setConnectionTimeout(pool.getConnectionTimeout());
        connections.setMinimumIdle(0);
        Properties properties = new Properties();
        properties.putAll(pool.getDataSourceProperties());
        properties.replace("socketTimeout", PATIENCE);
        connections.setDataSourceProperties(properties);
        return connections;
    }
}
