package io.chainrule.web.security;

import io.chainrule.ChainruleApplication;
import io.chainrule.service.access.SecurityMode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Another service beside the one of the test, with keys unless it says otherwise, and with these options. */
final class Replica extends SecuredTest implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    Replica(String... options) {
        this(SecurityMode.API_KEY, options);
    }

    Replica(SecurityMode mode, String... options) {
        List<String> all = new ArrayList<>(List.of("--server.port=0", "--chainrule.warm-up=false", "--chainrule.security.mode=" + mode));
        all.addAll(List.of(options));
        context = SpringApplication.run(ChainruleApplication.class, all.toArray(String[]::new));
        port = Integer.parseInt(Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port")));
    }

    HttpResponse<String> ask(String path, String body) {
        return post(path, body);
    }

    HttpResponse<String> look(String path) {
        return get(path);
    }

    @Override
    public void close() {
        context.close();
    }
}
