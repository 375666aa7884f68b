package io.chainrule.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestPropertySource;

/** What operators are given fits the service: the metrics of rules and dashboard exist, and every property is described. */
@TestPropertySource(properties = "management.prometheus.metrics.export.enabled=true")
class OperationsTest extends HttpTest {
    private static final Path GUIDE = Path.of("docs/operations.md");
    private static final String RULES = "deploy/prometheus/alerts.yaml";
    private static final String DASHBOARD = "deploy/grafana/chainrule.json";

    /** In a rule a query is in one line, or in the lines below that are indented further. */
    private static final Pattern RULE = Pattern.compile("expr: (?:>-\\n((?: {10,}.*\\n)+)|(.*))");
    private static final Pattern PANEL = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern SELECTOR = Pattern.compile("([a-z_]\\w*)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)=~?\"([^\"]*)\"");
    private static final Pattern CLAUSES = Pattern
            .compile("\\{[^}]*}|\\[[^]]*]|\\b(by|without|on|ignoring) ?\\([^)]*\\)|\\b(or|and|unless)\\b");
    private static final Pattern FUNCTIONS = Pattern.compile("\\b\\w+\\s*(?=\\()");
    /** Prometheus itself makes these. */
    private static final Set<String> OF_PROMETHEUS = Set.of("up", "job", "instance");

    @Autowired
    private ApplicationContext context;

    @BeforeEach
    void haveRequestsAnswered() {
        post("/v1/gradient", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}");
        post("/v1/gradient", "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}");
        post("/v1/gradient", "{}");
        get("/v1/nothing");
    }

    private List<String> metrics() {
        return get("/actuator/prometheus").body().lines().filter(line -> !line.startsWith("#")).toList();
    }

    private static List<String> queries(String file) throws IOException {
        String text = Files.readString(Path.of(file));
        List<String> queries = file.equals(RULES)
                ? RULE.matcher(text).results().map(found -> found.group(1) == null ? found.group(2) : found.group(1)).toList()
                : PANEL.matcher(text).results().map(found -> found.group(1).replace("\\\"", "\"")).toList();
        assertThat(queries).as(file).hasSizeGreaterThan(10);
        return queries;
    }

    @ParameterizedTest
    @ValueSource(strings = {RULES, DASHBOARD})
    void everyMetricExists(String file) throws IOException {
        Set<String> known = metrics().stream().map(line -> line.split("[{ ]", 2)[0]).collect(Collectors.toSet());
        for (String query : queries(file)) {
            List<String> named = Pattern.compile("[a-zA-Z_]\\w*")
                    .matcher(FUNCTIONS.matcher(CLAUSES.matcher(query).replaceAll(" ")).replaceAll(" ")).results()
                    .map(MatchResult::group).filter(name -> !OF_PROMETHEUS.contains(name)).toList();
            assertThat(known).as(query).containsAll(named);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {RULES, DASHBOARD})
    void everyLabelHasTheValuesThatAreAskedFor(String file) throws IOException {
        List<String> lines = metrics();
        for (String query : queries(file)) {
            SELECTOR.matcher(query).results().forEach(selector -> MATCHER.matcher(selector.group(2)).results()
                    .filter(matcher -> !OF_PROMETHEUS.contains(matcher.group(1)))
                    .forEach(matcher -> assertThat(matcher.group(2).split("\\|")).as(query).allSatisfy(value -> assertThat(lines)
                            .anyMatch(line -> line.startsWith(selector.group(1) + "{") && hasLabel(line, matcher.group(1), value)))));
        }
    }

    private static boolean hasLabel(String line, String name, String value) {
        // A machine without SIMD is the only one with this set of kernels.
        return value.equals("scalar")
                ? line.contains(name + "=\"")
                : Pattern.compile("[{,]" + name + "=\"" + value + "\"").matcher(line).find();
    }

    @Test
    void everyAlertHasAnAnswerInTheGuide() throws IOException {
        List<String> alerts = groups("alert: (\\w+)", Files.readString(Path.of(RULES)));
        assertThat(alerts).hasSizeGreaterThan(10);
        assertThat(groups("(?m)^\\| (Chainrule\\w+) \\|", Files.readString(GUIDE))).containsExactlyInAnyOrderElementsOf(alerts);
    }

    @Test
    void everyPropertyIsInTheGuideAndNoOther() throws IOException {
        assertThat(ServiceProperties.told(GUIDE, "chainrule.").keySet()).isEqualTo(ServiceProperties.defaults(context).keySet());
    }

    /** What the guide says that properties of Spring and its server are set to is what they are set to. */
    @Test
    void propertiesOfOthersAreSetAsTheGuideSays() throws IOException {
        Environment environment = context.getEnvironment();
        Map<String, String> told = ServiceProperties.told(GUIDE, "server.");
        told.putAll(ServiceProperties.told(GUIDE, "spring."));
        told.putAll(ServiceProperties.told(GUIDE, "management."));
        assertThat(told).hasSizeGreaterThan(12);
        told.forEach((name, value) -> {
            switch (name) {
                case "server.tomcat.remoteip.internal-proxies" -> assertThat(environment.getProperty(name)).as(name)
                        .satisfies(pattern -> assertThat("127.0.0.1").matches(pattern), pattern -> assertThat("::1").matches(pattern),
                                pattern -> assertThat("10.0.0.1").doesNotMatch(pattern));
                case "management.endpoints.web.exposure.include" -> assertThat(environment.getProperty(name)).as(name)
                        .isEqualTo("health,info,metrics,prometheus,sbom,backup");
                case "management.metrics.distribution.slo" -> assertThat(environment.getProperty(name + "[http.server.requests]")).as(name)
                        .satisfies(bounds -> assertThat(bounds.split(",", -1)).hasSize(Integer.parseInt(value)));
                // It is not set, and this is what Spring takes.
                case "management.tracing.sampling.probability" -> assertThat(environment.getProperty(name, "0.1")).as(name)
                        .isEqualTo(value);
                default -> assertThat(environment.getProperty(name, "not")).as(name).isEqualTo(value);
            }
        });
    }

    private static List<String> groups(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
    }
}
