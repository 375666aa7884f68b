package io.chainrule.web.http;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** {@code chainrule.cors.allowed-origins}: origins whose pages may call the service; none unless set. */
@ConfigurationProperties("chainrule.cors")
record CorsProperties(@DefaultValue List<String> allowedOrigins) {}
