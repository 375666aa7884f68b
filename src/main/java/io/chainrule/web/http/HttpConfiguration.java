package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.UploadProperties;
import io.chainrule.web.problem.ProblemReportValve;
import io.chainrule.web.problem.RequestId;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.tracing.otel.bridge.Slf4JEventListener;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.catalina.Valve;
import org.apache.catalina.core.StandardHost;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.actuate.endpoint.web.AbstractWebMvcEndpointHandlerMapping;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Registers what every request passes through, but for what decides who may ask for what. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({CorsProperties.class, HttpProperties.class, Limits.class, UploadProperties.class})
class HttpConfiguration {
    private static final String ALL = "/*";

    @Bean
    static FilterRegistrationBean<RequestIdFilter> requestId() {
        return alsoOfTheServer(FilterOrder.REQUEST_ID.of(new RequestIdFilter(), ALL));
    }

    /** Has a filter also stand before the answers to what the server refuses by itself, as it does TRACE. */
    private static <F extends Filter> FilterRegistrationBean<F> alsoOfTheServer(FilterRegistrationBean<F> registration) {
        registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ERROR);
        return registration;
    }

    @Bean
    static FilterRegistrationBean<TraceFilter> traces(ObjectProvider<SpanExporter> exporters, ObjectProvider<Tracer> tracer,
            @Value("${management.tracing.sampling.probability:0.1}") double probability) {
        boolean isExported = exporters.stream().findAny().isPresent();
        return FilterOrder.TRACE.of(new TraceFilter(isExported ? tracer.getObject() : null, probability), ALL);
    }

    /** Names the ids of traces in the log as the other fields are named. */
    @Bean
    static Slf4JEventListener traceIds() {
        return new Slf4JEventListener(TraceFilter.TRACE_FIELD, TraceFilter.SPAN_FIELD);
    }

    @Bean
    static FilterRegistrationBean<RequestLog> requestLog(MeterRegistry registry) {
        return FilterOrder.LOG.of(new RequestLog(new RequestTimer(registry)), ALL);
    }

    @Bean
    static FilterRegistrationBean<SecurityHeaders> securityHeaders() {
        return alsoOfTheServer(FilterOrder.HEADERS.of(new SecurityHeaders(), ALL));
    }

    @Bean
    static FilterRegistrationBean<ProblemFilter> problemFilter(
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        return FilterOrder.PROBLEMS.of(new ProblemFilter(problems), ALL);
    }

    @Bean
    FilterRegistrationBean<TurnFilter> turnFilter(Turns turns, Budget budget, Limits limits, ObjectProvider<BodyRoute> routes,
            Uploads uploads, HttpProperties properties, @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        BodyLimit usual = BodyLimit.of(limits, budget);
        Map<String, BodyLimit> ofRoutes = routes.stream().collect(
                Collectors.toMap(BodyRoute::path, route -> BodyLimit.of(route.bytes(), route.property(), budget)));
        return FilterOrder.TURNS.of(
                new TurnFilter(turns, budget, path -> ofRoutes.getOrDefault(path, usual), uploads, properties, problems), ALL);
    }

    @Bean
    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> connections(HttpProperties properties,
            FilterRegistrationBean<RequestLog> requestLog, MeterRegistry registry) {
        return connections("service", properties, requestLog, registry);
    }

    /** What every connection passes through, to the service or to a management port of its own. */
    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> connections(String port, HttpProperties properties,
            FilterRegistrationBean<RequestLog> requestLog, MeterRegistry registry) {
        return factory -> {
            factory.setProtocol(Http11Connections.class.getName());
            factory.addConnectorCustomizers(connector -> {
                Http11Connections connections = (Http11Connections) connector.getProtocolHandler();
                connections.configure(properties);
                new ConnectionMeters(port, connections).bindTo(registry);
            });
            factory.addContextValves(new AddressValve());
            factory.addContextCustomizers(
                    context -> ((StandardHost) context.getParent()).setErrorReportValveClass(ProblemReportValve.class.getName()));
            factory.addEngineValves(new RefusalLog(Objects.requireNonNull(requestLog.getFilter())));
            // Around the whole engine, so that it sees what proxies have added, and reads bodies to their end when the server has answered.
            List<Valve> inside = List.copyOf(factory.getEngineValves());
            factory.setEngineValves(List.of(new ConnectionValve(properties)));
            factory.addEngineValves(inside.toArray(Valve[]::new));
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
    static FilterRegistrationBean<CorsFilter> origins(CorsProperties properties) {
        CorsConfiguration configuration = new CorsConfiguration();
        configuration.setAllowedOrigins(properties.allowedOrigins());
        configuration.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "DELETE"));
        configuration
                .setAllowedHeaders(List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.CONTENT_ENCODING, HttpHeaders.ACCEPT,
                        HttpHeaders.IF_NONE_MATCH, HttpHeaders.IF_MATCH, HttpHeaders.RANGE, HttpHeaders.IF_RANGE, HttpHeaders.AUTHORIZATION,
                        "Idempotency-Key", "Last-Event-ID",
                        TurnFilter.PREFER, RequestId.HEADER,
                        ContentDigest.CONTENT_DIGEST,
                        ContentDigest.REPR_DIGEST));
        configuration
                .setExposedHeaders(List.of(HttpHeaders.RETRY_AFTER, HttpHeaders.ETAG, HttpHeaders.LOCATION, "RateLimit", "RateLimit-Policy",
                        TurnFilter.PREFERENCE_APPLIED, RequestId.HEADER, HttpHeaders.CONTENT_DISPOSITION, HttpHeaders.CONTENT_RANGE,
                        HttpHeaders.ACCEPT_RANGES, ContentDigest.REPR_DIGEST));
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/v1/**", configuration);
        FilterRegistrationBean<CorsFilter> registration = FilterOrder.CORS.of(new CorsFilter(source), ALL);
        registration.setEnabled(!properties.allowedOrigins().isEmpty());
        return registration;
    }
}
