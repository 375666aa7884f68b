package io.chainrule.web.security;

import io.chainrule.service.access.SecurityMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/**
 * A service that is open to all listens to its own machine, unless {@code server.address} says otherwise. The class is public because
 * Spring instantiates it by name.
 */
public final class OpenAddress implements EnvironmentPostProcessor, Ordered {
    private static final String ADDRESS = "server.address";
    private static final String LOOPBACK = "127.0.0.1";

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if ("".equals(environment.getProperty(SecurityMode.PROPERTY))) {
            throw new IllegalStateException(SecurityMode.PROPERTY + " is empty; set it to open, api-key or jwt, or leave it out");
        }
        if (SecurityMode.of(environment) == SecurityMode.OPEN) {
            Map<String, Object> addresses = new HashMap<>();
            bind(environment, addresses, ADDRESS);
            if (environment.containsProperty("management.server.port")) {
                bind(environment, addresses, "management." + ADDRESS);
            }
            environment.getPropertySources().addFirst(new MapPropertySource("open to this machine", addresses));
        }
    }

    /** An empty address would mean all. */
    private static void bind(Environment environment, Map<String, Object> addresses, String property) {
        if (!StringUtils.hasText(environment.getProperty(property))) {
            addresses.put(property, LOOPBACK);
        }
    }

    /** Whether only this machine reaches the service. */
    static boolean isLoopback(Environment environment) {
        try {
            return InetAddress.getByName(environment.getProperty(ADDRESS, "0.0.0.0")).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }

    /** After the configuration files have been read. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
