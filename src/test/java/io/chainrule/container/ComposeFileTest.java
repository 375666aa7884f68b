package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ComposeFileTest {
    private final JsonNode service;

    ComposeFileTest() throws IOException {
        service = ComposeFile.read().service();
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
        Matcher phase = Pattern.compile("timeout-per-shutdown-phase: (\\d+)s")
                .matcher(Files.readString(Path.of("src/main/resources/application.yaml")));
        assertThat(phase.find()).isTrue();
        int grace = Integer.parseInt(service.path("stop_grace_period").asString().replace("s", ""));
        assertThat(grace).isGreaterThan(Integer.parseInt(phase.group(1)));
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
