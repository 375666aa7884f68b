package io.chainrule.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.context.ApplicationContext;
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
        Set<String> told = new TreeSet<>(groups("(?m)^\\| `(chainrule\\.[\\w.-]+)` \\|", Files.readString(GUIDE)));
        assertThat(told).isEqualTo(properties());
    }

    /** Those of records that are bound, and those that the sources name one by one. */
    private Set<String> properties() throws IOException {
        Set<String> properties = new TreeSet<>();
        for (Map.Entry<String, Object> bean : context.getBeansWithAnnotation(ConfigurationProperties.class).entrySet()) {
            String prefix = Objects.requireNonNull(context.findAnnotationOnBean(bean.getKey(), ConfigurationProperties.class)).value();
            if (prefix.startsWith("chainrule")) {
                Arrays.stream(bean.getValue().getClass().getDeclaredConstructors()[0].getParameters()).map(Parameter::getName)
                        .forEach(name -> properties.add(prefix + "." + DataObjectPropertyName.toDashedForm(name)));
            }
        }
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                properties.addAll(groups("(?:\\$\\{|@ConditionalOn\\w*Property\\(\")(chainrule\\.[\\w.-]+)", Files.readString(source)));
            }
        }
        properties.addAll(groups("source=\"(chainrule\\.[\\w.-]+)\"", Files.readString(Path.of("src/main/resources/logback-spring.xml"))));
        return properties;
    }

    private static List<String> groups(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
    }
}
