package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ComposeFileTest {
    private static final List<String> REPLICAS = List.of("replica-1", "replica-2", "replica-3");

    private final ComposeFile file;
    private final JsonNode service;

    ComposeFileTest() throws IOException {
        file = ComposeFile.read();
        service = file.service();
    }

    @Test
    void startsOneServiceUnlessTheProfileIsNamed() {
        assertThat(file.inProfile("")).containsExactly("chainrule");
        assertThat(file.inProfile("replicas")).containsExactly("database", "proxy", "replica-1", "replica-2", "replica-3");
    }

    /** They differ in what makes them replicas alone. */
    @Test
    void replicasAreLikeTheOneService() {
        for (String name : REPLICAS) {
            JsonNode replica = file.service(name);
            assertThat(replica).as(name).isEqualTo(file.service(REPLICAS.getFirst()));
            assertThat(replica.propertyNames()).filteredOn(key -> !replica.get(key).equals(service.get(key))).as(name)
                    .containsExactlyInAnyOrder("profiles", "environment", "volumes", "depends_on", "stop_grace_period");
            assertThat(replica.at("/environment/CHAINRULE_SECURITY_HOSTS")).isEqualTo(service.at("/environment/CHAINRULE_SECURITY_HOSTS"));
        }
    }

    /** Data sets that one has taken another reads. */
    @Test
    void replicasShareTheFolderOfDataSets() {
        JsonNode replica = file.service(REPLICAS.getFirst());
        String[] mount = replica.at("/volumes/0").asString().split(":", -1);
        assertThat(mount).as("a volume with a name, and nobody else's").hasSize(2).doesNotContain("data").startsWith("shared");
        assertThat(replica.at("/environment/CHAINRULE_DATASETS_DIRECTORY").asString()).startsWith(mount[1] + "/");
    }

    /** Without names in the environment, the proxy asks the replicas by their names here. */
    @Test
    void theProxyKnowsTheReplicas() throws IOException {
        JsonNode proxy = file.service("proxy");
        assertThat(proxy.at("/ports/0").asString()).isEqualTo("127.0.0.1:8081:8080");
        String[] mount = proxy.at("/volumes/0").asString().split(":", -1);
        assertThat(mount[1]).isEqualTo("/usr/local/etc/haproxy/haproxy.cfg");
        String configuration = Files.readString(Path.of(mount[0]));
        assertThat(configuration).contains("bind \"${BIND-:8080}\"");
        assertThat(Pattern.compile("server \\S+ \"\\$\\{REPLICA_\\d-([\\w-]+):8080}\"").matcher(configuration).results()
                .map(found -> found.group(1)).distinct()).containsExactlyElementsOf(REPLICAS);
        assertThat(proxy.path("depends_on").valueStream().map(JsonNode::asString)).containsExactlyElementsOf(REPLICAS);
    }

    /** What comes in while a replica still looks ready, but has been told to end, is taken. */
    @Test
    void replicasDrainForLongerThanTheProxyLooksAway() throws IOException {
        Matcher check = Pattern.compile("check inter (\\d+)s fall (\\d+)").matcher(Files.readString(Path.of("deploy/haproxy/haproxy.cfg")));
        assertThat(check.find()).isTrue();
        int seen = Integer.parseInt(check.group(1)) * (Integer.parseInt(check.group(2)) + 1);
        JsonNode replica = file.service(REPLICAS.getFirst());
        int drained = seconds(replica.at("/environment/CHAINRULE_DRAIN_DELAY").asString());
        assertThat(drained).isGreaterThan(seen);
        assertThat(seconds(replica.path("stop_grace_period").asString())).isGreaterThan(drained + phase());
    }

    @Test
    void imagesOfOthersHaveVersionsAndPasswordsHaveNone() {
        for (String name : List.of("proxy", "database")) {
            assertThat(file.service(name).path("image").asString()).matches("[a-z]+:\\d+(\\.\\d+)*");
        }
        file.services().forEach((name, any) -> any.path("environment").forEachEntry((variable, value) -> {
            if (variable.contains("PASSWORD")) {
                assertThat(value.asString()).as(name + " " + variable).isEqualTo("${POSTGRES_PASSWORD:-}");
            }
        }));
    }

    @ParameterizedTest
    @CsvSource({"build/context, .", "ports/0, 127.0.0.1:8080:8080", "environment/CHAINRULE_SECURITY_HOSTS, localhost",
            "volumes/0, data:/data", "mem_limit, 1g", "memswap_limit, 1g", "cpus, 2", "read_only, true",
            "cap_drop/0, ALL",
            "security_opt/0, no-new-privileges:true", "restart, unless-stopped"})
    void says(String key, String value) {
        assertThat(service.at("/" + key).asString()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pids_limit", "healthcheck"})
    void has(String key) {
        assertThat(service.has(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "privileged", "cap_add", "healthcheck/test"})
    void hasNo(String key) {
        assertThat(service.at("/" + key).isMissingNode()).isTrue();
    }

    /** Between SIGTERM and SIGKILL there is time for what requests get to finish, and by default there is no drain delay. */
    @Test
    void requestsCanFinishBeforeItIsKilled() throws IOException {
        assertThat(seconds(service.path("stop_grace_period").asString())).isGreaterThan(phase());
    }

    static int seconds(String duration) {
        return Integer.parseInt(duration.replace("s", ""));
    }

    /** For how many seconds requests may finish when the service ends. */
    static int phase() throws IOException {
        Matcher phase = Pattern.compile("timeout-per-shutdown-phase: (\\d+)s")
                .matcher(Files.readString(Path.of("src/main/resources/application.yaml")));
        assertThat(phase.find()).isTrue();
        return Integer.parseInt(phase.group(1));
    }

    @Test
    void letsOnlyTmpBeWrittenBesideTheVolume() throws IOException {
        assertThat(ComposeFile.read().tmpfs()).singleElement().asString().startsWith("/tmp:");
    }

    /** What is in a tmpfs cannot be copied out of a container, and the image has no tool that would print it. */
    @Test
    void theRunbookHasFilesWrittenToTheVolume() throws IOException {
        String volume = service.at("/volumes/0").asString().split(":", -1)[1];
        assertThat(Pattern.compile("`jcmd 1 [^`]*?(/[^` ]+)`").matcher(Files.readString(Path.of("docs/operations.md"))).results()
                .map(command -> command.group(1))).hasSizeGreaterThan(1).allMatch(file -> file.startsWith(volume + "/"));
    }
}
