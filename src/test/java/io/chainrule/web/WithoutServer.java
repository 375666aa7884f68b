package io.chainrule.web;

import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Limits;
import io.chainrule.web.json.StrictMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.HttpMethod;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** The endpoints with the services behind them, without a server and its filters: they are there in a second. */
public final class WithoutServer {
    private final MockMvc endpoints;

    public WithoutServer() {
        AnnotationConfigWebApplicationContext context = new AnnotationConfigWebApplicationContext();
        context.setServletContext(new MockServletContext());
        context.getEnvironment().getPropertySources()
                .addFirst(new MapPropertySource("test", Map.of("chainrule.data-directory", "target/without-server")));
        context.addBeanFactoryPostProcessor(beans -> beans.setConversionService(ApplicationConversionService.getSharedInstance()));
        context.register(Endpoints.class);
        context.refresh();
        endpoints = MockMvcBuilders.webAppContextSetup(context).build();
    }

    /** A client that asks, and what it is answered. */
    public MockHttpServletResponse send(String method, String path, Map<String, String> headers, @Nullable String body) {
        var request = MockMvcRequestBuilders.request(HttpMethod.valueOf(method), URI.create(path));
        headers.forEach(request::header);
        if (body != null) {
            request.content(body.getBytes(StandardCharsets.UTF_8));
        }
        try {
            return endpoints.perform(request).andReturn().getResponse();
        } catch (Exception e) {
            throw new IllegalStateException(method + " " + path, e);
        }
    }

    public MockHttpServletResponse post(String path, String body) {
        return send("POST", path, Map.of("Content-Type", "application/json"), body);
    }

    public MockHttpServletResponse get(String path) {
        return send("GET", path, Map.of(), null);
    }

    /** It is no component, so that the service's own scan in other tests does not find it. */
    @EnableWebMvc
    @ComponentScan(basePackages = {"io.chainrule.web.v1", "io.chainrule.web.problem", "io.chainrule.web.json", "io.chainrule.service.run",
            "io.chainrule.service.program", "io.chainrule.service.training", "io.chainrule.service.models", "io.chainrule.service.store"},
            excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX,
                    pattern = ".*(KeyController|ModelController|ModelFile.*|AliasController|v1.jobs.*|Dataset.*|WarmUp|web.*Configuration|run.*Configuration|Test.*)"))
    @ImportAutoConfiguration({DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
            TransactionAutoConfiguration.class, JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class,
            FlywayAutoConfiguration.class})
    static class Endpoints implements WebMvcConfigurer {
        @Bean
        static Limits limits() {
            return TestService.limits("time", "10m", "training-time", "10m");
        }

        @Bean
        static MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        static JsonMapper json() {
            return StrictMapper.make();
        }

        @Override
        public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
            builder.registerDefaults().withJsonConverter(new JacksonJsonHttpMessageConverter(json()));
        }
    }
}
