package io.chainrule.web.security;

import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.store.Store;
import io.chainrule.web.http.CorsProperties;
import io.chainrule.web.problem.RequestException;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * What stands before the endpoints, and the keys, without the service around them. It is no component, so that the service's own scan in
 * other tests does not find it.
 */
@ImportAutoConfiguration({DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
        TransactionAutoConfiguration.class, JdbcTemplateAutoConfiguration.class, FlywayAutoConfiguration.class,
        DataJdbcRepositoriesAutoConfiguration.class, OAuth2ResourceServerAutoConfiguration.class})
@EnableJdbcRepositories(basePackageClasses = ApiKeys.class)
@ComponentScan(basePackageClasses = {Store.class, ApiKeys.class})
@Import({SecurityConfiguration.class, KeyScheme.class})
@EnableConfigurationProperties(CorsProperties.class)
class Parts {
    /** The attribute of a request with the reason for which it was refused. */
    static final String TOLD = Parts.class.getName();

    @Bean
    static HandlerExceptionResolver handlerExceptionResolver() {
        return (request, _, _, reason) -> {
            request.setAttribute(TOLD, reason instanceof RequestException refusal ? refusal.errors().getFirst() : reason);
            return new ModelAndView();
        };
    }
}
