package io.chainrule.web.security;

import io.chainrule.web.http.RequestPath;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Which endpoint needs which access. What has no row is denied. */
final class AccessTable {
    private static final AccessTable TABLE = new AccessTable();

    private final Map<String, Access> exact = new HashMap<>();
    private final List<Row> rows = new ArrayList<>();

    /** One row: the pattern is one of Spring MVC's. */
    record Row(HttpMethod method, PathPattern pattern, Access access) {}

    private AccessTable() {
        get(Access.OPEN, "/", "/page/**", "/webjars/**", "/icons/**", "/favicon.ico", "/problems", "/problems/{code}", "/v3/api-docs",
                "/v3/api-docs.yaml", "/v3/api-docs/**", "/swagger-ui.html", "/swagger-ui/**", "/actuator/health",
                "/actuator/health/**");
        // What can be read in the sources needs no key.
        get(Access.OPEN, "/v1/notation", "/v1/notation/{name}", "/v1/ops", "/v1/ops/{name}");
        for (String types : List.of("layers", "losses", "initializers", "optimizers", "schedules")) {
            get(Access.OPEN, "/v1/" + types, "/v1/" + types + "/{name}");
        }
        post(Access.COMPUTE, "/v1/gradient", "/v1/explain", "/v1/render", "/v1/evaluate", "/v1/vjp", "/v1/jvp", "/v1/jacobian",
                "/v1/hessian", "/v1/hvp", "/v1/check", "/v1/derivative", "/v1/grade", "/v1/plot", "/v1/graph");
        get(Access.COMPUTE, "/v1/gradient", "/v1/render.svg", "/v1/plot.svg", "/v1/ops/{name}/plot.svg");
        post(Access.TRAIN, "/v1/train");
        get(Access.COMPUTE, "/v1/models", "/v1/models/{name}", "/v1/models/{name}/versions", "/v1/models/{name}/export",
                "/v1/models/{name}/aliases",
                "/v1/models/{name}/aliases/{alias}");
        row(HttpMethod.PUT, Access.MODELS, "/v1/models/{name}", "/v1/models/{name}/aliases/{alias}");
        row(HttpMethod.DELETE, Access.MODELS, "/v1/models/{name}", "/v1/models/{name}/aliases/{alias}");
        post(Access.MODELS, "/v1/models/{name}/undelete");
        get(Access.DATASETS_READ, "/v1/datasets", "/v1/datasets/{name}", "/v1/datasets/{name}/file");
        row(HttpMethod.PUT, Access.DATASETS, "/v1/datasets/{name}");
        row(HttpMethod.DELETE, Access.DATASETS, "/v1/datasets/{name}");
        post(Access.JOBS, "/v1/jobs");
        get(Access.JOBS, "/v1/jobs", "/v1/jobs/{id}", "/v1/jobs/{id}/events", "/v1/jobs/{id}/result");
        row(HttpMethod.DELETE, Access.JOBS, "/v1/jobs/{id}");
        get(Access.METRICS, "/actuator/metrics", "/actuator/metrics/**", "/actuator/prometheus");
        get(Access.ADMIN, "/v1/keys", "/v1/keys/{id}", "/actuator", "/actuator/info", "/actuator/sbom", "/actuator/sbom/**");
        post(Access.ADMIN, "/v1/keys", "/actuator/backup");
        row(HttpMethod.DELETE, Access.ADMIN, "/v1/keys/{id}");
    }

    private void get(Access access, String... patterns) {
        row(HttpMethod.GET, access, patterns);
    }

    private void post(Access access, String... patterns) {
        row(HttpMethod.POST, access, patterns);
    }

    private void row(HttpMethod method, Access access, String... patterns) {
        for (String pattern : patterns) {
            PathPattern parsed = PathPatternParser.defaultInstance.parse(pattern);
            rows.add(new Row(method, parsed, access));
            if (!parsed.hasPatternSyntax()) {
                exact.put(method + pattern, access);
            }
        }
    }

    static List<Row> rows() {
        return TABLE.rows;
    }

    /** What a request needs; null if there is no row for it. */
    static @Nullable Access of(HttpServletRequest request) {
        return of(HttpMethod.valueOf(request.getMethod()), RequestPath.of(request));
    }

    static @Nullable Access of(HttpMethod asked, String address) {
        HttpMethod method = asked.equals(HttpMethod.HEAD) ? HttpMethod.GET : asked;
        Access found = TABLE.exact.get(method + address);
        if (found != null) {
            return found;
        }
        PathContainer path = PathContainer.parsePath(address);
        return TABLE.rows.stream().filter(row -> row.method.equals(method) && row.pattern.matches(path)).map(Row::access).findFirst()
                .orElse(null);
    }
}
