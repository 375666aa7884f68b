package io.chainrule.web.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The file that {@code chainrule.health-file} names, in which the command {@code health} finds where to ask: only the running service
 * knows what its port, its address, TLS and the port of the actuator have come to.
 */
@Component
@ConditionalOnProperty(HealthFile.PROPERTY)
class HealthFile {
    static final String PROPERTY = "chainrule.health-file";

    private final Path file;
    private final PathMappedEndpoints endpoints;

    HealthFile(@Value("${chainrule.health-file}") Path file, PathMappedEndpoints endpoints) {
        this.file = file;
        this.endpoints = endpoints;
    }

    /** Each server says so, that of the actuator too if it has a port of its own. */
    @EventListener
    void write(ServletWebServerInitializedEvent event) {
        var context = event.getApplicationContext();
        boolean isOfActuator = "management".equals(context.getServerNamespace());
        if (isOfActuator == (ManagementPortType.get(context.getEnvironment()) == ManagementPortType.DIFFERENT)) {
            String base = Objects.requireNonNull(context.getServletContext()).getContextPath();
            String path = base + endpoints.getPath(EndpointId.of("health")) + "/readiness";
            try {
                Files.writeString(file, uri(((TomcatWebServer) event.getWebServer()).getTomcat().getConnector(), path).toString());
            } catch (IOException e) {
                throw new UncheckedIOException(PROPERTY + " names a file that cannot be written: " + file, e);
            }
        }
    }

    private static URI uri(Connector connector, String path) {
        InetAddress bound = ((AbstractProtocol<?>) connector.getProtocolHandler()).getAddress();
        InetAddress address = bound == null || bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
        try {
            return new URI(connector.getScheme(), null, address.getHostAddress(), connector.getLocalPort(), path, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
