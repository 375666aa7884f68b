package io.chainrule.service.store;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.dialect.JdbcH2Dialect;
import org.springframework.data.jdbc.core.dialect.JdbcPostgresDialect;

/** An embedded database in the data directory, unless {@code spring.datasource.url} names a server. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StoreProperties.class)
class StoreConfiguration {
    private static final String POSTGRES = "jdbc:postgresql:";
    private static final Map<String, String> PATIENCE = Map.of("socketTimeout", "5", "connectTimeout", "2", "cancelSignalTimeout", "1",
            "tcpKeepAlive", "true");
    /** The locks of a replica that hangs, or whose machine is lost, in the middle of a transaction would stop others for hours. */
    private static final String LEAVE_NO_LOCKS = "set idle_in_transaction_session_timeout = '10s'";

    /** {@link Store} migrates, when the database is first needed. */
    @Bean
    static FlywayMigrationStrategy migratedWhenNeeded() {
        return _ -> {};
    }

    /**
     * A statement of a migration that waits for a lock has all other work on its table wait behind it. So it gives up before work of other
     * replicas does, and is tried again.
     */
    @Bean
    static FlywayConfigurationCustomizer shortLocks(JdbcConnectionDetails database) {
        return configuration -> {
            if (isPostgres(database.getJdbcUrl()) && configuration.getInitSql() == null) {
                configuration.initSql(LEAVE_NO_LOCKS + "; set lock_timeout = '2s'");
            }
        };
    }

    /** Part of the readiness of the service. */
    @Bean
    static HealthIndicator storeHealthIndicator(Store store) {
        return () -> (store.isReady() ? Health.up() : Health.outOfService()).build();
    }

    /** Said here, so that nobody has to ask the database at the start. */
    @Bean
    static JdbcDialect dialect(JdbcConnectionDetails database) {
        return isPostgres(database.getJdbcUrl()) ? JdbcPostgresDialect.INSTANCE : JdbcH2Dialect.INSTANCE;
    }

    /**
     * For how many seconds a PostgreSQL is waited for that does not answer, and for how long it waits itself. What the operator has set
     * prevails, as do options of the URL. H2 is given none of this, since it refuses properties that it does not know.
     */
    @Bean
    static BeanPostProcessor patience() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof HikariDataSource pool && isPostgres(pool.getJdbcUrl())) {
                    PATIENCE.forEach(pool.getDataSourceProperties()::putIfAbsent);
                    pool.setConnectionInitSql(Objects.requireNonNullElse(pool.getConnectionInitSql(), LEAVE_NO_LOCKS));
                }
                return bean;
            }
        };
    }

    private static boolean isPostgres(String url) {
        return url.startsWith(POSTGRES);
    }

    @Bean
    static JdbcConnectionDetails database(StoreProperties properties, DataSourceProperties server) {
        return server.getUrl() == null ? new EmbeddedDatabase(properties.folder()) : new Server(server);
    }

    private record Server(DataSourceProperties properties) implements JdbcConnectionDetails {
        @Override
        public String getJdbcUrl() {
            return properties.determineUrl();
        }

        @Override
        public @Nullable String getUsername() {
            return properties.determineUsername();
        }

        @Override
        public @Nullable String getPassword() {
            return properties.determinePassword();
        }
    }
}
