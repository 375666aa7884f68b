package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.SecurityMode;
import io.chainrule.service.access.SecurityProperties;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.RequestException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.InsufficientAuthenticationException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.servlet.ModelAndView;

/** Why a client is not let in, and what it is told. */
class RefusalsTest {
    private static final int MOST_WRONG = 3;

    private final WrongKeys wrong = new WrongKeys(new SecurityProperties(SecurityMode.API_KEY, List.of(), null, Duration.ZERO, MOST_WRONG));
    private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/gradient");
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private @Nullable Exception told;
    private final Refusals refusals = new Refusals(wrong, new Clients(new Quotas(0, 0, 0, 0)), "ask the operator", (_, _, _, e) -> {
        told = e;
        return new ModelAndView();
    });

    private ErrorDetail error() {
        return ((RequestException) Objects.requireNonNull(told)).errors().getFirst();
    }

    private MockHttpServletRequest with(String token) {
        MockHttpServletRequest sent = new MockHttpServletRequest("POST", "/v1/gradient");
        sent.setRemoteAddr("192.0.2.7");
        sent.addHeader("Authorization", "Bearer " + token);
        return sent;
    }

    @Test
    void withoutAKeyItSaysThatOneIsNeeded() {
        refusals.commence(request, response, new InsufficientAuthenticationException("none"));
        assertThat(response.getHeader("WWW-Authenticate")).isEqualTo("Bearer realm=\"chainrule\"");
        assertThat(error().code()).isEqualTo("unauthenticated");
        assertThat(error().message()).isEqualTo("this needs a key or token, in the header Authorization");
        assertThat(error().actual()).isEqualTo("none");
        assertThat(error().hint()).isEqualTo("ask the operator");
    }

    @Test
    void aWrongKeyIsToldWhyAndCounted() {
        for (int i = 0; i < MOST_WRONG; i++) {
            assertThat(wrong.resolve(with("wrong"))).as("is looked up").isEqualTo("wrong");
            refusals.commence(with("wrong"), response,
                    new InvalidBearerTokenException("no such key", new BadOpaqueTokenException("there is no such key")));
        }
        assertThat(response.getHeader("WWW-Authenticate")).isEqualTo("Bearer realm=\"chainrule\", error=\"invalid_token\"");
        assertThat(error().message()).isEqualTo("the key or token is not valid: no such key");
        assertThat(error().actual()).isEqualTo("one that is not valid");
        Refused refused = catchThrowableOfType(Refused.class, () -> wrong.resolve(with("wrong")));
        MockHttpServletResponse later = new MockHttpServletResponse();
        refusals.commence(request, later, refused);
        assertThat(error().code()).isEqualTo("too-many-requests");
        assertThat(later.getHeader("Retry-After")).isEqualTo("60");
        assertThat(later.getHeader("WWW-Authenticate")).isNull();
    }

    /** Many clients may have one address, and those that were right are looked up all the same; as are those of other addresses. */
    @Test
    void tooManyWrongKeysStopOnlyUnknownOnesOfTheirAddress() {
        wrong.noteRight("right");
        for (int i = 0; i < MOST_WRONG; i++) {
            wrong.noteWrong(with("wrong"));
        }
        assertThat(wrong.resolve(with("right"))).isEqualTo("right");
        assertThat(catchThrowableOfType(Refused.class, () -> wrong.resolve(with("other")))).isNotNull();
        MockHttpServletRequest elsewhere = with("other");
        elsewhere.setRemoteAddr("192.0.2.8");
        assertThat(wrong.resolve(elsewhere)).isEqualTo("other");
        assertThat(wrong.resolve(request)).as("without a key").isNull();
    }

    @Test
    void aReasonOfOursIsToldAsItIs() {
        RuntimeException reason = new IllegalStateException("the store is away");
        refusals.commence(request, response, new Refused(reason, null));
        assertThat(told).isSameAs(reason);
        assertThat(response.getHeader("Retry-After")).isNull();
        assertThat(response.getHeader("WWW-Authenticate")).isNull();
    }

    @Test
    void whereTheServerOfTokensIsAwayItIsNoFaultOfTheClient() {
        refusals.commence(request, response, new AuthenticationServiceException("away"));
        assertThat(told).isInstanceOfSatisfying(OverloadedException.class, e -> {
            assertThat(e.resource()).isEqualTo(OverloadedException.Resource.IDENTITY_PROVIDER);
            assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(5));
        });
        assertThat(response.getHeader("WWW-Authenticate")).isNull();
    }

    @Test
    void aScopeThatIsMissingIsNamed() {
        refusals.handle(request, response, new AccessDeniedException("denied"));
        assertThat(error().code()).isEqualTo("forbidden");
        assertThat(error().message()).isEqualTo("the key or token lacks the scope compute");
        assertThat(error().hint()).isEqualTo("ask the operator");
        assertThat(response.getHeader("WWW-Authenticate"))
                .isEqualTo("Bearer realm=\"chainrule\", error=\"insufficient_scope\", scope=\"compute\"");
    }

    @Test
    void whatHasNoRowIsToldToBeNoEndpoint() {
        refusals.handle(new MockHttpServletRequest("GET", "/v1/nothing"), response, new AccessDeniedException("denied"));
        assertThat(error().message()).isEqualTo("no endpoint is open under this method and address");
        assertThat(response.getHeader("WWW-Authenticate")).isNull();
        refusals.handle(request, response, new RequestRejectedException("//"));
        assertThat(error().code()).isEqualTo("bad-request");
        assertThat(error().message()).isEqualTo("the address or a header is not in its plain form");
    }

    private static Jwt token(String... claims) {
        Jwt.Builder token = Jwt.withTokenValue("token").header("alg", "none").claim("iss", "x").expiresAt(Instant.MAX);
        for (int i = 0; i < claims.length; i += 2) {
            token.claim(claims[i], claims[i + 1]);
        }
        return token.build();
    }

    @Test
    void aTokenIsOfItsSubjectOrItsProgram() {
        TokenReader reader = new TokenReader(wrong);
        var read = Objects.requireNonNull(reader.convert(token("sub", "somebody", "azp", "program", "scope", "compute train")));
        assertThat(read.getName()).isEqualTo("somebody");
        assertThat(read.getAuthorities()).extracting(Object::toString).containsExactlyInAnyOrder("SCOPE_compute", "SCOPE_train");
        assertThat(Objects.requireNonNull(reader.convert(token("client_id", "program", "azp", "other"))).getName()).isEqualTo("program");
        assertThat(Objects.requireNonNull(reader.convert(token("azp", "other"))).getName()).isEqualTo("other");
        assertThat(catchThrowableOfType(InvalidBearerTokenException.class, () -> reader.convert(token("scope", "compute"))))
                .hasMessageContaining("claim sub");
        Jwt endless = Jwt.withTokenValue("token").header("alg", "none").claim("sub", "somebody").build();
        assertThat(catchThrowableOfType(InvalidBearerTokenException.class, () -> reader.convert(endless)))
                .hasMessageContaining("claim exp");
        for (int i = 0; i < MOST_WRONG; i++) {
            wrong.noteWrong(with("wrong"));
        }
        assertThat(wrong.resolve(with("token"))).as("it was right").isEqualTo("token");
    }
}
