package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class BodyLimitTest {

    @ParameterizedTest
    @CsvSource({"1000, 16000, 1000, body-bytes", "1000, 15999, 999, shared-bytes", "1000, 1000000, 1000, body-bytes"})
    void isTheSmallerOfTheTwoLimits(String bodyBytes, String sharedBytes, long bytes, String property) {
        Limits limits = new Binder(new MapConfigurationPropertySource(
                Map.of("chainrule.limits.body-bytes", bodyBytes, "chainrule.limits.shared-bytes", sharedBytes)))
                .bindOrCreate("chainrule.limits", Limits.class);
        BodyLimit limit = BodyLimit.of(limits, new Budget(limits));
        assertThat(limit).isEqualTo(new BodyLimit(bytes, "chainrule.limits." + property));
        assertThat(limit.exceeded("more").errors().getFirst().expected())
                .isEqualTo("at most " + bytes + " bytes (" + limit.property() + ")");
    }
}
