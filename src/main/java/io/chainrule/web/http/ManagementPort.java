package io.chainrule.web.http;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.List;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Puts before the actuator, where it has a port of its own, what stands before the service: Spring Boot itself would leave that out. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@Conditional(ManagementPort.OnContextOfItsOwn.class)
class ManagementPort {
    /** The scan for components finds this class, too, in the context of the service. */
    static final class OnContextOfItsOwn implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return context.getBeanFactory() != null && context.getBeanFactory().getParentBeanFactory() != null;
        }
    }

    @Bean
    static ServletContextInitializer filters(List<FilterRegistrationBean<?>> filters) {
        return context -> {
            for (FilterRegistrationBean<?> filter : filters.stream().sorted(Comparator.comparingInt(FilterRegistrationBean::getOrder))
                    .toList()) {
                filter.onStartup(context);
            }
        };
    }

    @Bean
    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementConnections(HttpProperties properties,
            FilterRegistrationBean<RequestLog> requestLog, MeterRegistry registry) {
        return HttpConfiguration.connections("management", properties, requestLog, registry);
    }
}
