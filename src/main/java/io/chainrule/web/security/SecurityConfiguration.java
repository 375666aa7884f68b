package io.chainrule.web.security;

import io.chainrule.service.access.Allowances;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.FirstKey;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.SecurityMode;
import io.chainrule.service.access.SecurityProperties;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.http.FilterOrder;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.oauth2.server.resource.OAuth2ResourceServerConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** What stands before the endpoints in each mode. In an open service nothing of Spring Security is there. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({SecurityProperties.class, Quotas.class})
class SecurityConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(SecurityConfiguration.class);

    @Bean
    static FilterRegistrationBean<QuotaFilter> quotaFilter(Quotas quotas, Allowances allowances, SecurityProperties properties) {
        return FilterOrder.QUOTAS.of(new QuotaFilter(new Clients(quotas), allowances, properties.mode() == SecurityMode.OPEN), "/v1/*");
    }

    /** An open service. */
    @Configuration(proxyBeanMethods = false)
    @ForMode(SecurityMode.OPEN)
    static class Open {
        @Bean
        static FilterRegistrationBean<OpenModeFilter> openModeFilter(Environment environment, SecurityProperties properties) {
            boolean hasOrigins = environment.containsProperty("chainrule.cors.allowed-origins")
                    || environment.containsProperty("chainrule.cors.allowed-origins[0]");
            return FilterOrder.ACCESS.of(new OpenModeFilter(OpenAddress.isLoopback(environment), properties.hosts(), hasOrigins), "/*");
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

    /** A service that asks who is there. */
    @Configuration(proxyBeanMethods = false)
    @EnableWebSecurity
    @ForMode({SecurityMode.API_KEY, SecurityMode.JWT})
    static class Closed {
        /** How keys, or tokens, are looked at. */
        interface Tokens {
            void configure(OAuth2ResourceServerConfigurer<HttpSecurity> server);

            /** Where keys, or tokens, come from. */
            String hint();

            /** Whether nothing has to be asked to tell what this token is. */
            boolean needsNoLook(String token);
        }

        /** A span and a timer for each of its filters would cost more than they do. */
        @Bean
        static SecurityObservationSettings noObservations() {
            return SecurityObservationSettings.noObservations();
        }

        @Bean
        static WrongKeys wrongKeys(SecurityProperties properties, Tokens tokens) {
            return new WrongKeys(properties, tokens::needsNoLook);
        }

        @Bean
        static Refusals refusals(WrongKeys wrong, Tokens tokens,
                @Lazy @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
            return new Refusals(wrong, tokens.hint(), problems);
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
                    }).build();
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
        static Closed.Tokens keysAsTokens(ApiKeys keys) {
            return new Closed.Tokens() {
                @Override
                public void configure(OAuth2ResourceServerConfigurer<HttpSecurity> server) {
                    server.opaqueToken(token -> token.introspector(new ApiKeyIntrospector(keys)));
                }

                @Override
                public String hint() {
                    return "whoever runs the service makes keys, by POST /v1/keys or the command keys";
                }

                @Override
                public boolean needsNoLook(String token) {
                    return keys.isRemembered(token);
                }
            };
        }

        /** Without a store the service starts all the same: it may come back. */
        @Bean
        static ApplicationRunner firstKeyPrepared(FirstKey first) {
            return _ -> {
                if (!isPrepared(first)) {
                    Thread.ofVirtual().name("first-key").start(() -> {
                        do {
                            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
                        } while (!isPrepared(first));
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
            }
        }
    }

    /** With tokens that an OAuth 2 server signs. */
    @Configuration(proxyBeanMethods = false)
    @ForMode(SecurityMode.JWT)
    static class WithTokens {
        @Bean
        static Closed.Tokens signedTokens(ObjectProvider<JwtDecoder> decoders) {
            JwtDecoder decoder = decoders.getIfAvailable(() -> {
                throw new IllegalStateException(SecurityMode.PROPERTY + "=jwt needs spring.security.oauth2.resourceserver.jwt.issuer-uri "
                        + "or jwk-set-uri");
            });
            return new Closed.Tokens() {
                @Override
                public void configure(OAuth2ResourceServerConfigurer<HttpSecurity> server) {
                    server.jwt(jwt -> jwt.decoder(decoder));
                }

                @Override
                public String hint() {
                    return "the OAuth 2 server that the operator has configured makes tokens; their scope names what they allow";
                }

                @Override
                public boolean needsNoLook(String token) {
                    return true;
                }
            };
        }
    }
}
