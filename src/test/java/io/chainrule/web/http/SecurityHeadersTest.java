package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** What browsers may do with answers. */
class SecurityHeadersTest {
    private static MockHttpServletResponse answer(String path, boolean isSecure) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        request.setSecure(isSecure);
        MockHttpServletResponse response = new MockHttpServletResponse();
        MockFilterChain chain = new MockFilterChain();
        new SecurityHeaders().doFilter((ServletRequest) request, response, chain);
        assertThat(chain.getRequest()).as("is passed on").isSameAs(request);
        return response;
    }

    @ParameterizedTest
    @CsvSource({"/v1/gradient, same-origin", "/v1/render.svg, cross-origin", "/swagger-ui/index.html, same-origin",
            "/x.svg/y, same-origin"})
    void onlyPicturesAreForOtherSites(String path, String policy) throws Exception {
        MockHttpServletResponse response = answer(path, false);
        assertThat(response.getHeader("Cross-Origin-Resource-Policy")).isEqualTo(policy);
        assertThat(response.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.getHeader("X-Frame-Options")).isEqualTo("DENY");
        assertThat(response.getHeader("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(response.getHeader("Content-Security-Policy")).contains("default-src 'none'", "frame-ancestors 'none'");
    }

    @ParameterizedTest
    @CsvSource({"/swagger-ui/index.html, true", "/v1/gradient, false", "/v1/swagger-ui/, false"})
    void scriptsRunInTheSwaggerUiAlone(String path, boolean may) throws Exception {
        String policy = answer(path, false).getHeader("Content-Security-Policy");
        assertThat(policy != null && policy.contains("script-src 'self'")).isEqualTo(may);
    }

    @ParameterizedTest
    @CsvSource({"true, max-age=31536000", "false,"})
    void whatCameByTlsIsAskedForByTls(boolean isSecure, String header) throws Exception {
        assertThat(answer("/", isSecure).getHeader("Strict-Transport-Security")).isEqualTo(header);
    }
}
