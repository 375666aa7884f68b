package io.chainrule.web.security;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/** Takes the reason for which a key was not looked at through Spring Security, which passes on exceptions of its own alone. */
final class Refused extends OAuth2AuthenticationException {
    private static final long serialVersionUID = 1L;

    private final RuntimeException reason;
    private final @Nullable Duration delay;

    /** {@code delay} says when to try again; null if the reason says it. */
    Refused(RuntimeException reason, @Nullable Duration delay) {
        super(new OAuth2Error("refused"), reason.getMessage(), reason);
        this.reason = reason;
        this.delay = delay;
    }

    RuntimeException reason() {
        return reason;
    }

    @Nullable
    Duration delay() {
        return delay;
    }
}
