package io.chainrule.service.access;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** How clients say who they are. */
public enum SecurityMode {
    /** They don't: whoever reaches the service may use it. */
    OPEN,
    /** By keys that the service keeps. */
    API_KEY,
    /** By tokens that an OAuth 2 server signs. */
    JWT;

    public static final String PROPERTY = "chainrule.security.mode";

    public static SecurityMode of(Environment environment) {
        return Binder.get(environment).bind(PROPERTY, SecurityMode.class).orElse(OPEN);
    }
}
