package io.chainrule.web.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The meters of connections. */
final class ConnectionMeters implements MeterBinder {
    private final Tags tags;
    private final Http11Connections connections;

    /** Makes the meters of one port, whose name becomes their tag. */
    ConnectionMeters(String port, Http11Connections connections) {
        tags = Tags.of("port", port);
        this.connections = connections;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("chainrule.connections.open", connections, Http11Connections::connections).tags(tags)
                .description("Connections of clients")
                .register(registry);
        Gauge.builder("chainrule.connections.most", connections, Http11Connections::getMaxConnections)
                .tags(tags).description("Connections that are taken at once; further ones wait").register(registry);
        FunctionCounter.builder("chainrule.connections.refused", connections, Http11Connections::refused)
                .tags(tags).description("Connections that were closed at once since their address had as many as it may")
                .register(registry);
        FunctionCounter.builder("chainrule.connections.slow", connections, Http11Connections::slow)
                .tags(tags).description("Connections that were closed since the head of a request took too long").register(registry);
    }
}
