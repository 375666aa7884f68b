package io.chainrule.web.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The meters of connections. */
final class ConnectionMeters implements MeterBinder {
    private final Http11Connections connections;

    ConnectionMeters(Http11Connections connections) {
        this.connections = connections;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("chainrule.connections.open", connections, Http11Connections::connections).description("Connections of clients")
                .register(registry);
        Gauge.builder("chainrule.connections.most", connections, Http11Connections::getMaxConnections)
                .description("Connections that are taken at once; further ones wait").register(registry);
        FunctionCounter.builder("chainrule.connections.refused", connections, Http11Connections::refused)
                .description("Connections that were closed at once since their address had as many as it may").register(registry);
    }
}
