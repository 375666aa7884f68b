package io.chainrule.web.http;

import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** {@code chainrule.cors.allowed-origins}: origins whose pages may call the service; none unless set. */
@ConfigurationProperties("chainrule.cors")
public record CorsProperties(@DefaultValue List<String> allowedOrigins) {
    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/*\\s]+");

    public CorsProperties {
        for (String origin : allowedOrigins) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException(
                        "chainrule.cors.allowed-origins has '" + origin
                                + "'; each is one origin, as https://app.example or http://localhost:3000");
            }
        }
    }
}
