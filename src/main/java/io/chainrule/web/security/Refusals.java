package io.chainrule.web.security;

import io.chainrule.service.access.Scope;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.web.http.AuditLog;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Says why a client is not let in. The header is that of RFC 6750. The answers are made here, since these refusals also stand before the
 * actuator where that has a port of its own.
 */
final class Refusals implements AuthenticationEntryPoint, AccessDeniedHandler, RequestRejectedHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final String CHALLENGE = "Bearer realm=\"chainrule\"";

    private final WrongKeys wrong;
    private final Clients clients;
    private final String hint;
    private final HandlerExceptionResolver problems;

    /** {@code hint} says where keys, or tokens, come from. */
    Refusals(WrongKeys wrong, Clients clients, String hint, HandlerExceptionResolver problems) {
        this.wrong = wrong;
        this.clients = clients;
        this.hint = hint;
        this.problems = problems;
    }

    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException cause) {
        if (cause instanceof Refused refused) {
            if (refused.delay() != null) {
                response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(refused.delay().toSeconds()));
            }
            problems.resolveException(request, response, null, refused.reason());
            return;
        }
        if (cause instanceof AuthenticationServiceException) {
            LOG.warn("The keys of the server that signs tokens cannot be fetched: {}", cause.getMessage());
            problems.resolveException(request, response, null, new OverloadedException(OverloadedException.Resource.IDENTITY_PROVIDER,
                    "the server that signs tokens does not tell its keys now", RETRY));
            return;
        }
        boolean isWrong = cause instanceof OAuth2AuthenticationException;
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE);
        String message = "this needs a key or token, in the header Authorization";
        if (isWrong) {
            challengeWrong(response);
            wrong.noteWrong(request);
            // What a library says of a token may quote it.
            String reason = cause.getCause() instanceof BadOpaqueTokenException known ? String.valueOf(known.getMessage()) : "not valid";
            AuditLog.event(request, "wrong-key", Map.of("reason", reason));
            message = "the key or token is not valid: " + cause.getMessage();
        }
        answer(request, response, ErrorDetail.of(ProblemType.UNAUTHENTICATED, message)
                .expected("Authorization: Bearer …", isWrong ? "one that is not valid" : "none").hint(hint));
    }

    /** Tells in a header that a key or token is not valid. */
    static void challengeWrong(HttpServletResponse response) {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"invalid_token\"");
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException cause) {
        Access access = AccessTable.of(request);
        if (access == null) {
            answer(request, response, ErrorDetail.of(ProblemType.FORBIDDEN, "no endpoint is open under this method and address")
                    .hint("/v3/api-docs lists the endpoints"));
            return;
        }
        String needed = access.scopes().stream().map(Scope::text).collect(Collectors.joining(" or "));
        ClientName.set(request, clients.of(request).name());
        AuditLog.event(request, "scope-missing", Map.of("scope", needed));
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"insufficient_scope\", scope=\"" + needed + "\"");
        answer(request, response, ErrorDetail.of(ProblemType.FORBIDDEN, "the key or token lacks the scope " + needed)
                .expected("a key or token of scope " + needed, null).hint(hint));
    }

    /** Handles an address that could be read in two ways, so that no rule can be found for it. */
    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, RequestRejectedException cause) {
        answer(request, response, ErrorDetail.of(ProblemType.BAD_REQUEST, "the address or a header is not in its plain form")
                .hint("send no encoded slashes, double slashes, semicolons or control characters in the path"));
    }

    private void answer(HttpServletRequest request, HttpServletResponse response, ErrorDetail error) {
        problems.resolveException(request, response, null, new RequestException(error));
    }
}
