package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
    @ValueSource(strings = {"pids_limit", "healthcheck", "stop_grace_period"})
    void has(String key) {
        assertThat(service.has(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "privileged", "cap_add", "healthcheck/test"})
    void hasNo(String key) {
        assertThat(service.at("/" + key).isMissingNode()).isTrue();
    }

    @Test
    void letsOnlyTmpBeWrittenBesideTheVolume() throws IOException {
        assertThat(ComposeFile.read().tmpfs()).singleElement().asString().startsWith("/tmp:");
    }
}
