package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** A limit that was set and cannot be kept stops the start, and the message says what would fit. */
class LimitCheckTest {
    private static final long HEAP = 1_000_000_000;

    private static void check(long heap, String... changes) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (int i = 0; i < changes.length; i += 2) {
            properties.put("chainrule.limits." + changes[i], changes[i + 1]);
        }
        Binder binder = new Binder(new MapConfigurationPropertySource(properties));
        Limits limits = binder.bindOrCreate("chainrule.limits", Limits.class);
        assertThat(new LimitCheck(limits, new Budget(limits), binder, heap)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"shared-bytes, 900000001, 900000000", "bytes, 700000001, 700000000", "cache-bytes, 233333334, 233333333",
            "body-bytes, 43750001, 43750000", "answer-bytes, 350000001, 350000000", "tensor-elements, 20971521, 20971520",
            "jacobian-entries, 20971521, 20971520", "nodes, 2333334, 2333333", "picture-pixels, 87500001, 87500000"})
    void tellsPropertyValueReasonAndWhatFits(String limit, String value, String most) {
        String shared = limit.equals("shared-bytes") ? "1" : "700000000";
        assertThatThrownBy(() -> check(HEAP, "shared-bytes", shared, limit, value)).isInstanceOfSatisfying(UnfitLimitException.class,
                e -> {
                    assertThat(e).hasMessageStartingWith(
                            "chainrule.limits." + limit + " is " + value + ", but at most " + most + " fits: ")
                            .hasMessageContaining(" bytes");
                    assertThat(e.action()).contains("chainrule.limits." + limit + " to " + most + " or less", "-Xmx");
                });
        assertThatCode(() -> check(HEAP, "shared-bytes", shared, limit, most)).doesNotThrowAnyException();
    }

    @Test
    void defaultsAreLoweredWhereTheHeapIsSmall() {
        assertThatCode(() -> check(100_000_000, "shared-bytes", "70000000")).doesNotThrowAnyException();
    }

    /** In place of a stack trace. */
    @Test
    void theLogSaysWhatTheOperatorCanDo() {
        UnfitLimitException cause = catchThrowableOfType(UnfitLimitException.class,
                () -> check(HEAP, "shared-bytes", "700000000", "bytes", "700000001"));
        FailureAnalysis analysis = new UnfitLimitAnalyzer().analyze(new IllegalStateException("the start failed", cause));
        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).isEqualTo(cause.getMessage());
        assertThat(analysis.getAction()).isEqualTo(cause.action());
    }
}
