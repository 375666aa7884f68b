package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.web.problem.RequestException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

/** Who a client is taken for, and how its body is packed. */
class ClientNameTest {
    @Test
    void isTheAddressUntilMoreIsKnown() {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setRemoteAddr("192.0.2.7");
        assertThat(ClientName.of(request)).isEqualTo("192.0.2.7");
        ClientName.set(request, "key:7");
        assertThat(ClientName.of(request)).isEqualTo("key:7");
    }

    @Test
    void isCutWhereItIsLong() {
        MockHttpServletRequest request = new MockHttpServletRequest();
        ClientName.set(request, "a".repeat(100));
        assertThat(ClientName.of(request)).hasSize(100);
        ClientName.set(request, "a".repeat(100) + "b");
        assertThat(ClientName.of(request)).isEqualTo("a".repeat(100));
        request.removeAttribute(ClientName.class.getName());
        request.setRemoteAddr("1".repeat(2000));
        assertThat(ClientName.of(request)).hasSize(100);
    }

    /** Whoever has an address of version 6 has all of its network. */
    @ParameterizedTest
    @CsvSource({"192.0.2.7, 192.0.2.7", "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:0:0:0:0/64", "2001:db8:1:2::, 2001:db8:1:2:0:0:0:0/64",
            "::1, 0:0:0:0:0:0:0:0/64", "::ffff:192.0.2.7, 192.0.2.7", "not:an:address, not:an:address", "host, host"})
    void ofVersion6TheNetworkCounts(String address, String network) {
        assertThat(Network.of(address)).isEqualTo(network);
    }

    @Test
    void anAddressOfVersion4IsANetworkOfItsOwn() {
        assertThat(Network.of(InetAddress.ofLiteral("192.0.2.7"))).isEqualTo("192.0.2.7");
    }

    private static ContentEncoding encoding(String... headers) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        for (String header : headers) {
            request.addHeader("Content-Encoding", header);
        }
        return ContentEncoding.of(request);
    }

    @Test
    void aBodyIsPlainOrPacked() {
        assertThat(encoding()).isEqualTo(ContentEncoding.IDENTITY);
        assertThat(encoding(" Identity ")).isEqualTo(ContentEncoding.IDENTITY);
        assertThat(encoding("GZIP")).isEqualTo(ContentEncoding.GZIP);
        assertThat(encoding("x-gzip")).isEqualTo(ContentEncoding.GZIP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "gzip, gzip", "identity, gzip"})
    void anotherPackingIsToldWhichAreRead(String header) {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> encoding(header));
        assertThat(refused.errors()).singleElement().satisfies(error -> {
            assertThat(error.code()).isEqualTo("unsupported-media-type");
            assertThat(error.expected()).isEqualTo("Content-Encoding: gzip, or none");
            assertThat(error.actual()).isEqualTo("Content-Encoding: " + header);
        });
        assertThat(catchThrowableOfType(RequestException.class, () -> encoding("gzip", "gzip")).errors()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.7, 192.0.2.7, true", "192.0.2.7, 192.0.2.8, false", "2001:db8:1:2::3, 2001:db8:1:2:f::4, true",
            "2001:db8:1:2::3, 2001:db8:1:3::3, false", "192.0.2.7, 2001:db8::7, false", "2001:db8::7, 192.0.2.7, false"})
    void addressesOfOneNetworkAreOfOneClient(String one, String other, boolean isOne) {
        assertThat(Network.isOne(InetAddress.ofLiteral(one), InetAddress.ofLiteral(other))).isEqualTo(isOne);
    }
}
