package io.chainrule.web.security;

import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/** Takes the reason for which a key was not looked at through Spring Security, which passes on exceptions of its own alone. */
final class Refused extends OAuth2AuthenticationException {
    private static final long serialVersionUID = 1L;

    private final RuntimeException reason;

    Refused(RuntimeException reason) {
        super(new OAuth2Error("refused"), reason.getMessage(), reason);
        this.reason = reason;
    }

    RuntimeException reason() {
        return reason;
    }
}
