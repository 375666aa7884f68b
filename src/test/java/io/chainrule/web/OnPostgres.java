package io.chainrule.web;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextConfiguration;

/** The service of a test class has a PostgreSQL of its own, which ends with it. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ContextConfiguration(initializers = OnPostgres.Server.class)
public @interface OnPostgres {
    /** Starts it before the service. */
    final class Server implements ApplicationContextInitializer<ConfigurableApplicationContext> {
        @Override
        public void initialize(ConfigurableApplicationContext context) {
            try {
                EmbeddedPostgres database = EmbeddedPostgres.start();
                // What is registered first is closed last.
                ((DefaultSingletonBeanRegistry) context.getBeanFactory()).registerDisposableBean("postgres", database::close);
                TestPropertyValues.of("spring.datasource.url=" + database.getJdbcUrl("postgres", "postgres")).applyTo(context);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
