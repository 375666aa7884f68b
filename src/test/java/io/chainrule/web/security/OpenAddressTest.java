package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.mock.env.MockEnvironment;

/** To which address a service without keys listens. */
@Execution(ExecutionMode.SAME_THREAD)
class OpenAddressTest {
    private static MockEnvironment processed(String... properties) {
        MockEnvironment environment = new MockEnvironment();
        for (int i = 0; i < properties.length; i += 2) {
            environment.setProperty(properties[i], properties[i + 1]);
        }
        OpenAddress address = new OpenAddress();
        assertThat(address.getOrder()).as("after the configuration files").isEqualTo(Ordered.LOWEST_PRECEDENCE);
        address.postProcessEnvironment(environment, new SpringApplication());
        return environment;
    }

    @Test
    void isLoopbackUnlessOneIsNamed() {
        assertThat(processed().getProperty("server.address")).isEqualTo("127.0.0.1");
        assertThat(processed("server.address", " ").getProperty("server.address")).as("empty would mean all").isEqualTo("127.0.0.1");
        assertThat(processed("server.address", "0.0.0.0").getProperty("server.address")).isEqualTo("0.0.0.0");
        assertThat(processed("chainrule.security.mode", "api-key").getProperty("server.address")).isNull();
    }

    @Test
    void theActuatorsOwnPortListensThereToo() {
        assertThat(processed().getProperty("management.server.address")).isNull();
        assertThat(processed("management.server.port", "9000").getProperty("management.server.address")).isEqualTo("127.0.0.1");
        assertThat(processed("management.server.port", "9000", "management.server.address", "0.0.0.0")
                .getProperty("management.server.address")).isEqualTo("0.0.0.0");
    }

    @Test
    void aModeThatIsEmptyIsNoMode() {
        assertThatThrownBy(() -> processed("chainrule.security.mode", "")).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("chainrule.security.mode is empty");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "::1, true", "0.0.0.0, false", ", false", "host.invalid, false"})
    void isSeenToBeLoopback(@Nullable String address, boolean isLoopback) {
        MockEnvironment environment = new MockEnvironment();
        if (address != null) {
            environment.setProperty("server.address", address);
        }
        assertThat(OpenAddress.isLoopback(environment)).isEqualTo(isLoopback);
    }
}
