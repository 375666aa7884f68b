package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ConfigurableApplicationContext;

/** Whoever runs a container learns by the status of a process whether the service is ready. */
@Timeout(300)
@Execution(ExecutionMode.SAME_THREAD)
class HealthCommandTest {
    @TempDir
    private Path folder;

    private static int run(Path file) throws IOException, InterruptedException {
        return HealthProcess.run(file).status();
    }

    @Test
    void followsTheReadinessOfTheService() throws IOException, InterruptedException {
        Path file = folder.resolve("health");
        assertThat(run(file)).as("before the service has started").isEqualTo(1);
        try (ConfigurableApplicationContext service = SpringApplication.run(ChainruleApplication.class, "--server.port=0",
                "--server.servlet.context-path=/behind", "--chainrule.warm-up=false", "--chainrule.health-file=" + file)) {
            String port = service.getEnvironment().getProperty("local.server.port");
            assertThat(file).hasContent("http://127.0.0.1:" + port + "/behind/actuator/health/readiness");
            HealthProcess ready = HealthProcess.run(file);
            assertThat(ready.status()).as(ready.output()).isZero();
            AvailabilityChangeEvent.publish(service, ReadinessState.REFUSING_TRAFFIC);
            HealthProcess refusing = HealthProcess.run(file);
            assertThat(refusing.status()).as(refusing.output()).isEqualTo(1);
            assertThat(refusing.output()).contains("answers 503");
        }
        HealthProcess gone = HealthProcess.run(file);
        assertThat(gone.status()).isEqualTo(1);
        assertThat(gone.output()).contains("Connection refused");
    }

    @Test
    void saysWhatIsWrongWithItsFile() throws IOException, InterruptedException {
        assertThat(HealthProcess.run(folder.resolve("nothing")).output()).contains("nothing");
        assertThat(run(Files.writeString(folder.resolve("nonsense"), "no address"))).isEqualTo(1);
        assertThat(run(Files.createFile(folder.resolve("empty")))).isEqualTo(1);
    }
}
