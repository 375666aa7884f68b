package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.Client;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Which scope an endpoint needs, whom that lets in, and as whom a client counts. */
class AccessRulesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET     | /                       | OPEN
            GET     | /page/ab/x.js           | OPEN
            HEAD    | /v1/ops/relu            | OPEN
            GET     | /v1/layers/dense        | OPEN
            GET     | /actuator/health        | OPEN
            GET     | /actuator/health/a/b    | OPEN
            POST    | /v1/gradient            | COMPUTE
            GET     | /v1/gradient            | COMPUTE
            HEAD    | /v1/render.svg          | COMPUTE
            GET     | /v1/ops/relu/plot.svg   | COMPUTE
            POST    | /v1/train               | TRAIN
            GET     | /actuator/metrics/x     | METRICS
            GET     | /actuator/prometheus    | METRICS
            GET     | /v1/keys                | ADMIN
            DELETE  | /v1/keys/12             | ADMIN
            POST    | /actuator/backup        | ADMIN
            GET     | /v1/train               |
            PUT     | /v1/gradient            |
            POST    | /v1/ops                 |
            POST    | /v1/keys/12             |
            GET     | /v1/keys/12/34          |
            GET     | /actuator/env           |
            GET     | /v1/gradient/           |
            OPTIONS | /v1/gradient            |
            """)
    void anEndpointNeedsAScope(String method, String path, @Nullable Access access) {
        assertThat(AccessTable.of(HttpMethod.valueOf(method), path)).isEqualTo(access);
        MockHttpServletRequest request = new MockHttpServletRequest(method, "/base" + path);
        request.setContextPath("/base");
        assertThat(AccessTable.of(request)).isEqualTo(access);
    }

    private static boolean isGranted(String method, String path, @Nullable Authentication client) {
        Supplier<@Nullable Authentication> known = () -> client;
        return new ScopeRule().authorize(known, new RequestAuthorizationContext(new MockHttpServletRequest(method, path))).isGranted();
    }

    private static Authentication client(String... scopes) {
        return new TestingAuthenticationToken("who", "", AuthorityUtils.createAuthorityList(scopes));
    }

    @Test
    void aScopeOpensItsEndpointsAndNoOthers() {
        assertThat(isGranted("GET", "/v1/ops", null)).isTrue();
        assertThat(isGranted("POST", "/v1/gradient", null)).isFalse();
        assertThat(isGranted("POST", "/v1/gradient", client())).isFalse();
        assertThat(isGranted("POST", "/v1/gradient", client("SCOPE_train", "SCOPE_admin"))).isFalse();
        assertThat(isGranted("POST", "/v1/gradient", client("compute"))).isFalse();
        assertThat(isGranted("POST", "/v1/gradient", client("SCOPE_compute"))).isTrue();
        assertThat(isGranted("GET", "/actuator/metrics", client("SCOPE_metrics"))).isTrue();
        assertThat(isGranted("GET", "/actuator/metrics", client("SCOPE_admin"))).isTrue();
        assertThat(isGranted("GET", "/actuator/env", client("SCOPE_admin"))).as("what has no row").isFalse();
        Authentication unknown = client("SCOPE_compute");
        unknown.setAuthenticated(false);
        assertThat(isGranted("POST", "/v1/gradient", unknown)).isFalse();
        assertThat(ScopeRule.authority(Scope.MODELS_WRITE)).isEqualTo("SCOPE_models:write");
    }

    @Test
    void aClientIsAKeyASubjectOrAnAddress() {
        Quotas standard = new Quotas(1, 2, 3, 4);
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setRemoteAddr("2001:db8::7");
        assertThat(new Clients(standard).of(request)).isEqualTo(new Client("2001:db8:0:0:0:0:0:0/64", standard));
        request.setUserPrincipal(() -> "somebody");
        assertThat(new Clients(standard).of(request)).isEqualTo(new Client("subject:somebody", standard));
        ApiKey key = new ApiKey("12", "hash", "owner", "compute", Instant.EPOCH, null, null, 9L, null, null, null);
        request.setUserPrincipal(new BearerTokenAuthentication(
                new DefaultOAuth2AuthenticatedPrincipal("12", Map.of(ApiKeyIntrospector.KEY, key), List.of()),
                new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "secret", null, null), List.of()));
        assertThat(new Clients(standard).of(request)).isEqualTo(new Client("key:12", new Quotas(9, 2, 3, 4)));
    }
}
