package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;

/** Where a request goes, whatever the path of the service is. */
class RequestPathTest {

    @ParameterizedTest
    @CsvSource({"/actuator/health, true", "/actuator/health/liveness, true", "/actuator/healthy, false", "/actuator, false",
            "/x/actuator/health, false"})
    void healthIsForAllAtAnyTime(String path, boolean isHealth) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/base" + path);
        request.setContextPath("/base");
        assertThat(RequestPath.of(request)).isEqualTo(path);
        assertThat(RequestPath.isOfHealth(request)).isEqualTo(isHealth);
    }
}
