package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turns;
import io.chainrule.web.problem.RequestId;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.actuate.endpoint.web.AbstractWebMvcEndpointHandlerMapping;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Registers what every request passes through, in this order: the request id, the request log, CORS, and what reads bodies, waits
 * for a permit to compute and sends answers.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({CorsProperties.class, HttpProperties.class, Limits.class})
class HttpConfiguration {
    @Bean
    static FilterRegistrationBean<RequestIdFilter> requestId() {
        FilterRegistrationBean<RequestIdFilter> registration = new FilterRegistrationBean<>(new RequestIdFilter());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    @Bean
    static FilterRegistrationBean<RequestLog> requestLog(MeterRegistry registry) {
        FilterRegistrationBean<RequestLog> registration = new FilterRegistrationBean<>(new RequestLog(new RequestTimer(registry)));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return registration;
    }

    @Bean
    FilterRegistrationBean<TurnFilter> turnFilter(Turns turns, Budget budget, Limits limits, HttpProperties properties,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        FilterRegistrationBean<TurnFilter> registration = new FilterRegistrationBean<>(
                new TurnFilter(turns, budget, BodyLimit.of(limits, budget), properties, problems));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 30);
        registration.addUrlPatterns("/v1/*");
        return registration;
    }

    @Bean
    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> connections(HttpProperties properties) {
        return factory -> {
            factory.setProtocol(Http11Connections.class.getName());
            factory.addConnectorCustomizers(connector -> ((Http11Connections) connector.getProtocolHandler())
                    .setMostFromOneAddress(properties.connectionsPerAddress()));
            // Around the whole engine, so that answers of the server itself have been made when a body is read to its end.
            factory.addEngineValves(new ConnectionValve(properties));
        };
    }

    /** Spring's filter, which is left out: the servlet makes the same context again. */
    @Bean
    static FilterRegistrationBean<RequestContextFilter> requestContext() {
        FilterRegistrationBean<RequestContextFilter> registration = new FilterRegistrationBean<>(new RequestContextFilter());
        registration.setEnabled(false);
        return registration;
    }

    /** Has endpoints of the service looked up before those of the actuator, which are asked for seldom. */
    @Bean
    static BeanPostProcessor actuatorLast() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof AbstractWebMvcEndpointHandlerMapping actuator) {
                    actuator.setOrder(1);
                }
                return bean;
            }
        };
    }

    /** CORS is a filter because Spring MVC's own CORS mapping would leave the headers out of error responses. */
    @Bean
    @ConditionalOnProperty("chainrule.cors.allowed-origins")
    static FilterRegistrationBean<CorsFilter> origins(CorsProperties properties) {
        CorsConfiguration configuration = new CorsConfiguration();
        configuration.setAllowedOrigins(properties.allowedOrigins());
        configuration.setAllowedMethods(List.of("GET", "HEAD", "POST"));
        configuration
                .setAllowedHeaders(List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.CONTENT_ENCODING, HttpHeaders.ACCEPT,
                        HttpHeaders.IF_NONE_MATCH, TurnFilter.PREFER, RequestId.HEADER));
        configuration
                .setExposedHeaders(List.of(HttpHeaders.RETRY_AFTER, HttpHeaders.ETAG, TurnFilter.PREFERENCE_APPLIED, RequestId.HEADER));
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/v1/**", configuration);
        FilterRegistrationBean<CorsFilter> registration = new FilterRegistrationBean<>(new CorsFilter(source));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 20);
        return registration;
    }
}
