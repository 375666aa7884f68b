package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.ChainruleApplication;
import io.chainrule.ReadsLog;
import io.chainrule.service.access.SecurityMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;

/** How the service starts in each mode, and what stops it. */
@ReadsLog
@Execution(ExecutionMode.SAME_THREAD)
class ModesTest {
    @TempDir
    private Path folder;

    private String data() {
        return "--chainrule.data-directory=" + folder.resolve("data");
    }

    @Test
    void anOpenServiceSaysSoOnceAndKeepsNothing(CapturedOutput log) {
        try (Replica service = new Replica(SecurityMode.OPEN, data())) {
            assertThat(service.ask("/v1/gradient", SecuredTest.PROGRAM).statusCode()).isEqualTo(200);
        }
        assertThat(log.getOut()).containsOnlyOnce("Open to this machine alone, without keys");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void anOpenServiceThatOthersReachWarns(CapturedOutput log) {
        try (Replica service = new Replica(SecurityMode.OPEN, data(), "--server.address=0.0.0.0")) {
            assertThat(service.look("/v1/ops/relu").statusCode()).isEqualTo(200);
        }
        assertThat(log.getOut()).containsOnlyOnce("Open to whoever reaches 0.0.0.0, without keys");
    }

    @Test
    void aMountedFirstKeyIsTaken() throws IOException {
        Path mounted = Files.writeString(folder.resolve("key"), "  0123456789abcdef0123456789abcdef\n");
        try (Replica service = new Replica(data(), "--chainrule.security.first-key-file=" + mounted)) {
            assertThat(service.with("0123456789abcdef0123456789abcdef", "GET", "/v1/keys", "").statusCode()).isEqualTo(200);
        }
        assertThat(folder.resolve("data/first-key")).doesNotExist();
    }

    @Test
    void aMountedKeyThatCouldBeGuessedStopsTheStart() throws IOException {
        Path mounted = Files.writeString(folder.resolve("key"), "secret");
        assertThatThrownBy(() -> new Replica(data(), "--chainrule.security.first-key-file=" + mounted))
                .hasMessageContaining("chainrule.security.first-key-file").hasMessageContaining("at least 32")
                .message().doesNotContain("secret");
        assertThatThrownBy(() -> new Replica(data(), "--chainrule.security.first-key-file=" + folder.resolve("nothing")))
                .hasStackTraceContaining("there is no file");
    }

    @Test
    void tokensNeedAServerThatMakesThem() {
        assertThatThrownBy(() -> new Replica(SecurityMode.JWT, data())).rootCause()
                .hasMessageContaining("spring.security.oauth2.resourceserver.jwt.issuer-uri");
        assertThatThrownBy(() -> new Replica(SecurityMode.JWT, data(),
                "--spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://localhost:1/keys")).rootCause()
                .hasMessageContaining("spring.security.oauth2.resourceserver.jwt.audiences");
    }

    @Test
    void anEmptyModeStopsTheStartAndAnEmptyAddressIsThisMachine(CapturedOutput log) {
        assertThatThrownBy(() -> SpringApplication.run(ChainruleApplication.class, "--server.port=0", "--chainrule.security.mode="))
                .hasStackTraceContaining("chainrule.security.mode is empty");
        try (Replica service = new Replica(SecurityMode.OPEN, data(), "--server.address=")) {
            assertThat(service.look("/v1/ops/relu").statusCode()).isEqualTo(200);
        }
        assertThat(log.getOut()).contains("Open to this machine alone");
    }

    @Test
    void sharedQuotasNeedASharedDatabase() {
        assertThatThrownBy(() -> new Replica(data(), "--chainrule.quotas.shared=true")).rootCause()
                .hasMessageContaining("chainrule.quotas.shared").hasMessageContaining("spring.datasource.url");
    }

    @Test
    void aModeThatDoesNotExistStopsTheStart() {
        assertThatThrownBy(() -> SpringApplication.run(ChainruleApplication.class,
                "--server.port=0", "--chainrule.security.mode=apikeys")).hasStackTraceContaining("chainrule.security.mode");
    }
}
