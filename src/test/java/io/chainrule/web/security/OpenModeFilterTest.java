package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.web.problem.RequestException;
import jakarta.servlet.ServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Whom a service without keys answers. These requests come from nowhere, so that none is from this machine. */
class OpenModeFilterTest {
    private static final String HOST = "localhost:8080";

    private static MockHttpServletRequest request(String method, String path, @Nullable String host, String... headers) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        if (host != null) {
            request.addHeader("Host", host);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.addHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    private static OpenModeFilter filter(boolean isForThisMachine, String... hosts) {
        return new OpenModeFilter(isForThisMachine, List.of(hosts), List.of("https://app.example"));
    }

    /** Null if the request is passed on. */
    private static @Nullable String refusal(OpenModeFilter filter, MockHttpServletRequest request) {
        MockFilterChain chain = new MockFilterChain();
        RequestException refused = catchThrowableOfType(RequestException.class,
                () -> filter.doFilter((ServletRequest) request, new MockHttpServletResponse(), chain));
        assertThat(chain.getRequest() == null).isEqualTo(refused != null);
        if (refused != null) {
            assertThat(refused.errors()).singleElement().satisfies(error -> assertThat(error.code()).isEqualTo("forbidden"));
        }
        return refused == null ? null : refused.errors().getFirst().message();
    }

    private static boolean isPassed(OpenModeFilter filter, MockHttpServletRequest request) {
        return refusal(filter, request) == null;
    }

    @ParameterizedTest
    @CsvSource({"localhost, true", "LOCALHOST:8080, true", "127.0.0.1:80, true", "127.1.2.3, true", "[::1]:8080, true",
            "a.localhost, true", "evil.example, false", "localhost.evil.example, false", "127.0.0.1.evil.example, false",
            "128.0.0.1, false", "notlocalhost, false", "localhost:123456, false", "localhost:, false", "[::2], false", "'', false"})
    void forThisMachineIsCalledByItsNames(String host, boolean isAnswered) {
        assertThat(isPassed(filter(true), request("GET", "/v1/ops", host))).isEqualTo(isAnswered);
        assertThat(isPassed(filter(true), request("GET", "/actuator/health", host))).as("health").isTrue();
    }

    @Test
    void aRequestWithoutAHostIsAnswered() {
        assertThat(isPassed(filter(true), request("GET", "/v1/ops", null))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"chainrule.example, true", "CHAINRULE.example:8080, true", "chainrule.example:x, false", "other.example, false",
            "localhost, true"})
    void furtherNamesAreTakenWithAnyPort(String host, boolean isAnswered) {
        assertThat(isPassed(filter(true, "chainrule.example"), request("GET", "/v1/ops", host))).isEqualTo(isAnswered);
        assertThat(isPassed(filter(false, "chainrule.example"), request("GET", "/v1/ops", host))).isEqualTo(isAnswered);
        assertThat(isPassed(filter(false), request("GET", "/v1/ops", host))).as("any name, where no name is set").isTrue();
    }

    /** Of other sites pictures are shown, links are followed, and configured origins may call the API; no more. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET  | /v1/render.svg        | true
            GET  | /v1/plot.svg          | true
            GET  | /v1/ops/relu/plot.svg | true
            POST | /v1/render.svg        | false
            GET  | /v1/ops/a/b/plot.svg  | false
            GET  | /v1/render.svgx       | false
            GET  | /v1/ops               | false
            GET  | /                     | false
            POST | /v1/gradient          | false
            """)
    void otherSitesGetPicturesAlone(String method, String path, boolean isAnswered) {
        OpenModeFilter filter = filter(true);
        assertThat(isPassed(filter, request(method, path, HOST, "Sec-Fetch-Site", "cross-site"))).isEqualTo(isAnswered);
        assertThat(isPassed(filter, request(method, path, HOST, "Origin", "https://evil.example"))).isEqualTo(isAnswered);
        assertThat(isPassed(filter, request(method, path, HOST, "Origin", "null"))).isEqualTo(isAnswered);
        assertThat(isPassed(filter, request(method, path, HOST, "Origin", "http://" + HOST))).as("its own page").isTrue();
        assertThat(isPassed(filter, request(method, path, null, "Origin", "http://" + HOST))).isEqualTo(isAnswered);
        for (String site : List.of("same-origin", "same-site", "none")) {
            assertThat(isPassed(filter, request(method, path, HOST, "Sec-Fetch-Site", site))).as(site).isTrue();
        }
        assertThat(isPassed(filter, request(method, path, HOST, "Sec-Fetch-Site", "same-origin", "Origin", "https://evil.example")))
                .as("what the browser says of the site counts").isTrue();
    }

    @ParameterizedTest
    @CsvSource({"GET, navigate, document, true", "POST, navigate, document, false", "GET, navigate, iframe, false",
            "GET, cors, document, false"})
    void aLinkOfAnotherSiteIsFollowed(String method, String mode, String destination, boolean isAnswered) {
        assertThat(isPassed(filter(true), request(method, "/", HOST, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", mode,
                "Sec-Fetch-Dest", destination))).isEqualTo(isAnswered);
    }

    @ParameterizedTest
    @CsvSource({"/v1/gradient, https://app.example, true", "/v1/gradient, https://evil.example, false",
            "/v1/gradient, https://app.example.evil, false", "/actuator/backup, https://app.example, false"})
    void aConfiguredOriginMayCallTheApi(String path, String origin, boolean isAnswered) {
        assertThat(isPassed(filter(true), request("POST", path, HOST, "Sec-Fetch-Site", "cross-site", "Origin", origin)))
                .isEqualTo(isAnswered);
    }

    /** Also what has no row in the table, which somebody may have exposed; but for addresses of the API, which has rows for all. */
    @ParameterizedTest
    @CsvSource({"GET, /actuator/info, false", "POST, /actuator/backup, false", "GET, /actuator/env, false", "GET, /actuator/metrics, true",
            "GET, /v1/none, true", "GET, /v1/ops, true", "GET, /nothing, false", "GET, /, true"})
    void whatAnOperatorSeesIsForThisMachineAlone(String method, String path, boolean isAnswered) {
        String refusal = refusal(filter(true), request(method, path, HOST));
        assertThat(refusal).isEqualTo(
                isAnswered ? null : "only this machine may ask for this, since the service runs without keys");
    }

    /** A page on another port of this machine is of the same site; a client that is no browser says nothing of sites. */
    @ParameterizedTest
    @CsvSource({"POST, /actuator/backup, same-origin, true", "POST, /actuator/backup, none, true", "POST, /actuator/backup,, true",
            "POST, /actuator/backup, same-site, false", "POST, /actuator/backup, cross-site, false", "POST, /actuator/backup, new, false",
            "GET, /actuator/info, same-site, false", "GET, /actuator/env, same-site, false", "GET, /actuator/metrics, same-site, true",
            "POST, /v1/gradient, same-site, true", "GET, /v1/ops, same-site, true"})
    void pagesOfOtherPortsAskForNothingThatIsForOperators(String method, String path, @Nullable String site, boolean isTheirs) {
        MockHttpServletRequest request = site == null ? request(method, path, HOST) : request(method, path, HOST, "Sec-Fetch-Site", site);
        assertThat("pages of other origins get nothing that is for operators".equals(refusal(filter(true), request))).isEqualTo(!isTheirs);
    }
}
