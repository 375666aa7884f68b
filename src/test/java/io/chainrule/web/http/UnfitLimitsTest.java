package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.ChainruleApplication;
import io.chainrule.ReadsLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;

@ReadsLog
@Execution(ExecutionMode.SAME_THREAD)
class UnfitLimitsTest {
    @Test
    void aLimitThatCannotBeKeptStopsTheStartInWords(CapturedOutput output) {
        assertThatThrownBy(() -> new SpringApplication(ChainruleApplication.class).run("--server.port=0", "--spring.main.banner-mode=off",
                "--chainrule.limits.shared-bytes=1000000000000000"));
        assertThat(output).contains("APPLICATION FAILED TO START", "chainrule.limits.shared-bytes is 1000000000000000, but at most ",
                "Set chainrule.limits.shared-bytes to ");
    }

    /** With a time of nothing every request would be refused, and nothing would say why. */
    @ParameterizedTest
    @CsvSource({"chainrule.limits.time, -1s", "chainrule.limits.time, 0s", "chainrule.limits.training-time, 0s",
            "chainrule.limits.memory-wait, -1ms", "chainrule.http.head-time, 0s", "chainrule.http.body-time, 0s",
            "chainrule.http.answer-time, 0s",
            "chainrule.http.grace, -1s", "chainrule.security.key-cache, -1s"})
    void aTimeThatIsNoneStopsTheStartInWords(String property, String value, CapturedOutput output) {
        assertThatThrownBy(() -> new SpringApplication(ChainruleApplication.class).run("--server.port=0", "--spring.main.banner-mode=off",
                "--" + property + "=" + value));
        assertThat(output).contains("APPLICATION FAILED TO START", property, "Reason: ");
    }
}
