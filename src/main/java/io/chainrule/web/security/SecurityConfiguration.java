package io.chainrule.web.security;

import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.FirstKey;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.SecurityMode;
import io.chainrule.service.access.SecurityProperties;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.service.store.BackupEndpoint;
import io.chainrule.web.http.CorsProperties;
import io.chainrule.web.http.FilterOrder;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.oauth2.server.resource.OAuth2ResourceServerConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** What stands before the endpoints in each mode. In an open service nothing of Spring Security is there. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({SecurityProperties.class, Quotas.class})
class SecurityConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(SecurityConfiguration.class);
    private static final String ACTUATOR = "management.endpoints.web.";

    /** Throws if the actuator has other addresses than those of the {@link AccessTable}, which would be denied to all, health too. */
    SecurityConfiguration(Environment environment) {
        Binder properties = Binder.get(environment);
        String base = properties.bind(ACTUATOR + "base-path", String.class).orElse("/actuator");
        Map<String, String> mapped = properties.bind(ACTUATOR + "path-mapping", Bindable.mapOf(String.class, String.class))
                .orElse(Map.of());
        if (!base.equals("/actuator") || !mapped.isEmpty()) {
            throw new IllegalStateException(ACTUATOR + "base-path and " + ACTUATOR + "path-mapping are not to be set, since who may ask "
                    + "for what is said by the address: give the actuator a port of its own by management.server.port, where "
                    + "management.server.base-path goes before its addresses");
        }
    }

    /** Of an open service the request log has all requests; only where somebody wants a file of them, the audit log has them, too. */
    @Bean
    static FilterRegistrationBean<QuotaFilter> quotaFilter(Quotas quotas, Allowances allowances, ApiKeys keys,
            SecurityProperties properties,
            @Value("${chainrule.audit-file:}") String auditFile) {
        boolean isForAll = properties.mode() == SecurityMode.OPEN && !auditFile.isEmpty();
        QuotaFilter filter = new QuotaFilter(new Clients(quotas), allowances, keys, properties, isForAll, System::nanoTime);
        return FilterOrder.QUOTAS.of(filter, "/v1/*", "/actuator/*");
    }

    /** An open service. */
    @Configuration(proxyBeanMethods = false)
    @ForMode(SecurityMode.OPEN)
    static class Open {
        @Bean
        static FilterRegistrationBean<OpenModeFilter> openModeFilter(Environment environment, SecurityProperties properties,
                CorsProperties cors) {
            return FilterOrder.ACCESS.of(new OpenModeFilter(OpenAddress.isLoopback(environment), properties.hosts(), cors.allowedOrigins()),
                    "/*");
        }

        @Bean
        static ApplicationRunner openness(Environment environment) {
            return _ -> {
                if (OpenAddress.isLoopback(environment)) {
                    LOG.info("Open to this machine alone, without keys; set chainrule.security.mode to serve others");
                } else {
                    LOG.warn("Open to whoever reaches {}, without keys; set {} to api-key or jwt",
                            environment.getProperty("server.address", "this machine"), SecurityMode.PROPERTY);
                }
            };
        }
    }

    /** A service that asks who is there, and so has something to keep. */
    @Configuration(proxyBeanMethods = false)
    @EnableWebSecurity
    @Import(BackupEndpoint.class)
    @ForMode({SecurityMode.API_KEY, SecurityMode.JWT})
    static class Closed {
        /** How keys, or tokens, are looked at. */
        interface Tokens {
            void configure(OAuth2ResourceServerConfigurer<HttpSecurity> server);

            /** Where keys, or tokens, come from. */
            String hint();
        }

        /** A span and a timer for each of its filters would cost more than they do. */
        @Bean
        static SecurityObservationSettings noObservations() {
            return SecurityObservationSettings.noObservations();
        }

        @Bean
        static WrongKeys wrongKeys(SecurityProperties properties) {
            return new WrongKeys(properties);
        }

        @Bean
        static Refusals refusals(WrongKeys wrong, Quotas quotas, Tokens tokens,
                @Lazy @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
            return new Refusals(wrong, new Clients(quotas), tokens.hint(), problems);
        }

        @Bean
        static SecurityFilterChain access(HttpSecurity http, Tokens tokens, WrongKeys wrong, Refusals refusals) {
            return http.csrf(AbstractHttpConfigurer::disable).cors(AbstractHttpConfigurer::disable).headers(AbstractHttpConfigurer::disable)
                    .logout(AbstractHttpConfigurer::disable).requestCache(AbstractHttpConfigurer::disable)
                    .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                    .authorizeHttpRequests(requests -> requests.anyRequest().access(new ScopeRule()))
                    .exceptionHandling(handling -> handling.authenticationEntryPoint(refusals).accessDeniedHandler(refusals))
                    .oauth2ResourceServer(server -> {
                        server.bearerTokenResolver(wrong).authenticationEntryPoint(refusals).accessDeniedHandler(refusals);
                        tokens.configure(server);
                        server.withObjectPostProcessor(toldByRefusals(refusals));
                    }).build();
        }

        /** Without this the filter throws if the server of the keys does not answer, and the client is told of a fault of the service. */
        private static ObjectPostProcessor<BearerTokenAuthenticationFilter> toldByRefusals(Refusals refusals) {
            return new ObjectPostProcessor<>() {
                @Override
                public <O extends BearerTokenAuthenticationFilter> O postProcess(O filter) {
                    filter.setAuthenticationFailureHandler(refusals::commence);
                    return filter;
                }
            };
        }

        @Bean
        static FilterRegistrationBean<FilterChainProxy> accessFilter(FilterChainProxy springSecurityFilterChain) {
            return FilterOrder.ACCESS.of(springSecurityFilterChain, "/*");
        }
    }

    /** With keys that the service keeps. */
    @Configuration(proxyBeanMethods = false)
    @ForMode(SecurityMode.API_KEY)
    static class WithApiKeys {
        private static final Duration BETWEEN_TRIES = Duration.ofSeconds(5);

        @Bean
        static Closed.Tokens keysAsTokens(ApiKeys keys, WrongKeys wrong) {
            return new Closed.Tokens() {
                @Override
                public void configure(OAuth2ResourceServerConfigurer<HttpSecurity> server) {
                    server.opaqueToken(token -> token.introspector(new ApiKeyIntrospector(keys, wrong)));
                }

                @Override
                public String hint() {
                    return "whoever runs the service makes keys, by POST /v1/keys or the command keys";
                }
            };
        }

        /** Without a store the service starts all the same: it may come back. */
        @Bean
        static ApplicationRunner firstKeyPrepared(FirstKey first, ConfigurableApplicationContext context) {
            return _ -> {
                if (!isPrepared(first)) {
                    Thread.ofVirtual().name("first-key").start(() -> {
                        do {
                            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
                        } while (context.isActive() && !isPrepared(first));
                    });
                }
            };
        }

        private static boolean isPrepared(FirstKey first) {
            try {
                first.prepare();
                return true;
            } catch (StoreUnavailableException _) {
                return false;
            } catch (UncheckedIOException e) {
                LOG.warn("There is no first key yet: {}", e.getMessage());
                return false;
            }
        }
    }

    /** With tokens that an OAuth 2 server signs. */
    @Configuration(proxyBeanMethods = false)
    @ForMode(SecurityMode.JWT)
    static class WithTokens {
        private static final String TOKENS = "spring.security.oauth2.resourceserver.jwt.";
        private static final Duration PATIENCE = Duration.ofSeconds(2);
        private static final TextMapPropagator TRACE_CONTEXT = W3CTraceContextPropagator.getInstance();

        @Bean
        static Closed.Tokens signedTokens(ObjectProvider<JwtDecoder> decoders, OAuth2ResourceServerProperties properties, WrongKeys wrong) {
            JwtDecoder decoder = decoders.getIfAvailable(() -> {
                throw new IllegalStateException(SecurityMode.PROPERTY + "=jwt needs " + TOKENS + "issuer-uri or jwk-set-uri");
            });
            if (properties.getJwt().getAudiences().isEmpty()) {
                throw new IllegalStateException(SecurityMode.PROPERTY + "=jwt needs " + TOKENS
                        + "audiences: else tokens that were made for other services would be taken");
            }
            return new Closed.Tokens() {
                @Override
                public void configure(OAuth2ResourceServerConfigurer<HttpSecurity> server) {
                    server.jwt(jwt -> jwt.decoder(decoder).jwtAuthenticationConverter(new TokenReader(wrong)));
                }

                @Override
                public String hint() {
                    return "the OAuth 2 server that the operator has configured makes tokens; their scope names what they allow";
                }
            };
        }

        /**
         * Fetches the keys of the token server. All requests that need the keys wait for one fetch, so its time is short. The fetch is
         * part of the trace of the request that starts it.
         */
        @Bean
        static JwkSetUriJwtDecoderBuilderCustomizer keysOfTokens() {
            SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
            requests.setConnectTimeout(PATIENCE);
            requests.setReadTimeout(PATIENCE);
            RestTemplate client = new RestTemplate(requests);
            client.getInterceptors().add((request, body, execution) -> {
                TRACE_CONTEXT.inject(Context.current(), request.getHeaders(), (_, name, value) -> request.getHeaders().set(name, value));
                return execution.execute(request, body);
            });
            return decoder -> decoder.restOperations(client);
        }
    }
}
