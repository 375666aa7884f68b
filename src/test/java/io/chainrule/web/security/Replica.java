package io.chainrule.web.security;

import io.chainrule.ChainruleApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Another service with keys, beside the one of the test, with these options. */
final class Replica extends SecuredTest implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    Replica(String... options) {
        List<String> all = new ArrayList<>(List.of("--server.port=0", "--chainrule.warm-up=false", "--chainrule.security.mode=api-key"));
        all.addAll(List.of(options));
        context = SpringApplication.run(ChainruleApplication.class, all.toArray(String[]::new));
        port = Integer.parseInt(Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port")));
    }

    @Override
    public void close() {
        context.close();
    }
}
