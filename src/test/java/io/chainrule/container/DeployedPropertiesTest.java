package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import io.chainrule.web.ServiceProperties;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What docker-compose.yml and the manifests of Kubernetes name of the service exists: properties, paths, meters. */
@TestPropertySource(properties = "management.prometheus.metrics.export.enabled=true")
class DeployedPropertiesTest extends HttpTest {
    @Autowired
    private ApplicationContext context;

    private static List<ObjectNode> manifests() throws IOException {
        List<ObjectNode> manifests = new ArrayList<>(KubernetesTest.overlay("single"));
        manifests.addAll(KubernetesTest.overlay("replicated"));
        return manifests;
    }

    /** As Spring reads variables: with a dash left out, or as an underscore. */
    private static Stream<String> variables(String property) {
        String upper = property.replace('.', '_').toUpperCase(Locale.ROOT);
        return Stream.of(upper.replace("-", ""), upper.replace('-', '_'));
    }

    /** The variables of all properties that the service and its libraries describe. */
    private Set<String> known() throws IOException {
        Set<String> known = ServiceProperties.defaults(context).keySet().stream().flatMap(DeployedPropertiesTest::variables)
                .collect(Collectors.toCollection(TreeSet::new));
        ClassLoader loader = DeployedPropertiesTest.class.getClassLoader();
        for (URL file : Collections.list(loader.getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = file.openStream()) {
                JSON.readTree(in).path("properties").forEach(property -> variables(property.path("name").asString()).forEach(known::add));
            }
        }
        return known;
    }

    @Test
    void everyVariableIsAProperty() throws IOException {
        Set<String> named = new TreeSet<>();
        for (ObjectNode manifest : manifests()) {
            if (manifest.path("kind").asString().equals("ConfigMap")) {
                named.addAll(manifest.path("data").propertyNames());
            }
            manifest.findValues("env").forEach(env -> env.forEach(variable -> named.add(variable.path("name").asString())));
        }
        assertThat(named).contains("SPRING_DATASOURCE_PASSWORD", "CHAINRULE_DRAIN_DELAY", "CHAINRULE_DATA_DIRECTORY",
                "CHAINRULE_DATASETS_DIRECTORY");
        ComposeFile compose = ComposeFile.read();
        compose.services().values().stream().filter(service -> service.path("image").asString().equals("chainrule"))
                .forEach(service -> named.addAll(service.path("environment").propertyNames()));
        assertThat(known()).hasSizeGreaterThan(500).containsAll(named);
    }

    /** The port of this service is another one, so that of the configuration is looked up without the properties of the test. */
    @Test
    void theServiceListensAtThePortOfItsContainer() throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        ConfigDataEnvironmentPostProcessor.applyTo(environment);
        assertThat(environment.getProperty("spring.application.name")).isEqualTo("chainrule");
        int port = environment.getProperty("server.port", Integer.class, new TomcatServletWebServerFactory().getPort());
        for (ObjectNode manifest : manifests()) {
            assertThat(manifest.findValuesAsString("containerPort")).allMatch(String.valueOf(port)::equals);
            assertThat(manifest.toString()).doesNotContain("SERVER_PORT");
        }
        assertThat(manifests().stream().flatMap(manifest -> manifest.findValues("containerPort").stream())).hasSize(2);
    }

    @Test
    void everyPathThatIsAskedForAnswers() throws IOException {
        Set<String> paths = new TreeSet<>();
        for (ObjectNode manifest : manifests()) {
            manifest.findValues("httpGet").forEach(probe -> paths.add(probe.path("path").asString()));
            manifest.findValues("endpoints").forEach(endpoints -> paths.add(endpoints.path(0).path("path").asString()));
        }
        assertThat(paths).containsExactly("/actuator/health/liveness", "/actuator/health/readiness", "/actuator/prometheus");
        assertThat(paths).allSatisfy(path -> assertThat(get(path).statusCode()).as(path).isEqualTo(200));
    }

    @Test
    void theAutoscalerAsksForMetersThatExist() throws IOException {
        List<String> wanted = KubernetesTest.overlay("replicated").stream().flatMap(manifest -> manifest.findValues("metric").stream())
                .map((JsonNode metric) -> metric.path("name").asString()).toList();
        assertThat(wanted).hasSize(2);
        String metrics = get("/actuator/prometheus").body();
        assertThat(wanted).allSatisfy(name -> assertThat(metrics).contains("# TYPE " + name + " gauge"));
    }
}
