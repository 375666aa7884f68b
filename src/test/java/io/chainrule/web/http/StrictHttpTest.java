package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What two servers on the way may read in two ways is refused, so that no request can be hidden in another. In the tables a backslash
 * stands before r, n and t as in Java.
 */
class StrictHttpTest extends HttpTest {
    private static final String BODY = "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}";

    private static byte[] bytes(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** All that is answered until the service closes the connection. */
    private String raw(byte[]... pieces) throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            for (int i = 0; i < pieces.length; i++) {
                if (i > 0) {
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                socket.getOutputStream().write(pieces[i]);
                socket.getOutputStream().flush();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void assertRefused(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 400").contains("Content-Type: application/problem+json", "\"code\":\"bad-request\"",
                "Connection: close").containsOnlyOnce("HTTP/1.1 ");
    }

    private static final String REFUSED = """
            # lines that end without CR
            GET /v1/ops HTTP/1.1\\nHost: localhost\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\n\\n
            GET /v1/ops HTTP/1.1\\nHost: localhost\\n\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX: 1\\nY: 2\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX: 1\\rY: 2\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX: 1\\r\\r\\n\\r\\n
            # folded fields
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX: 1\\r\\n 2\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX: 1\\r\\n\\t2345678\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX:\\r\\n 2\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\n Host: localhost\\r\\n\\r\\n
            # blanks where none belong
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX : 1\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost : localhost\\r\\n\\r\\n
            GET  /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET\\t/v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/ops  HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1 \\r\\nHost: localhost\\r\\n\\r\\n
            # names and versions
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\n: 1\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nX\\r\\n\\r\\n
            GET /v1/ops HTTP/1.1\\r\\nHost: localhost\\r\\nHost: b\\r\\n\\r\\n
            GET /v1/ops http/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/ops HTTP/11\\r\\nHost: localhost\\r\\n\\r\\n
            OPTIONS * HTTP/11\\r\\nHost: localhost\\r\\n\\r\\n
            OPTIONS * HTTP/2.0\\r\\nHost: localhost\\r\\n\\r\\n
            OPTIONS * HTTP/1.1 x\\r\\nHost: localhost\\r\\n\\r\\n
            OPTIONS * HTTP/1.1\\r\\nHost: localhost\\r\\nX(: 1\\r\\n\\r\\n
            OPTIONS * HTTP/1.1\\r\\n\\r\\n
            OPTIONS * HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: x\\r\\n\\r\\n
            OPTIONS * HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: xchunked\\r\\n\\r\\n
            # lengths that contradict each other
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 2\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\ntransfer-encoding: chunked\\r\\ncontent-length: 2\\r\\n\\r\\n0\\r\\n\\r\\n
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 2\\r\\nContent-Length: 3\\r\\n\\r\\n{}
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 2\\r\\nContent-Length: 2\\r\\n\\r\\n{}
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 2, 2\\r\\n\\r\\n{}
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: +2\\r\\n\\r\\n{}
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: -2\\r\\n\\r\\n{}
            POST /v1/gradient HTTP/1.0\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked, chunked\\r\\n\\r\\n0\\r\\n\\r\\n
            POST /v1/gradient HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: xchunked\\r\\n\\r\\n0\\r\\n\\r\\n
            # addresses that are not UTF-8
            GET /v1/ops/%C0%AFrelu HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/ops/%E0%80%AFrelu HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/ops/%FF HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/gradient?expression=%C1%B8&in.x=1 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/gradient?expression=x%ED%A0%80&in.x=1 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/gradient?expression=x%F4%90%80%80 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/gradient?expression=x%E2%82 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            GET /v1/gradient?expression=x%2 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '\u0001', quoteCharacter = '\u0002', textBlock = REFUSED)
    void isRefusedAndTheConnectionClosed(String request) throws IOException, InterruptedException {
        assertRefused(raw(bytes(request)));
    }

    /** Wherever the network cuts them, and where another request came before. */
    @ParameterizedTest
    @ValueSource(
            strings = {"GET /v1/ops HTTP/1.1\r\nHost: localhost\r\nX: 1\r\n 2345\r\n\r\n",
                    "GET /v1/ops HTTP/1.1\r\nHost: localhost\r\nX: 12\nY: 3\r\n\r\n",
                    "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"})
    void isRefusedInPiecesAndBehindAnotherRequest(String request) throws IOException, InterruptedException {
        for (int cut = 1; cut < request.length(); cut += 3) {
            assertRefused(raw(bytes(request.substring(0, cut)), bytes(request.substring(cut))));
        }
        String before = "GET /v1/ops/relu HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assertThat(raw(bytes(before + request)).split("HTTP/1\\.1 ")).hasSize(3)
                .satisfiesExactly(nothing -> assertThat(nothing).isEmpty(), first -> assertThat(first).startsWith("200"),
                        second -> assertThat(second).startsWith("400"));
    }

    @Test
    void aRequestWithoutAVersionIsRefused() throws IOException, InterruptedException {
        assertThat(raw(bytes("GET /v1/ops/relu\r\n"))).doesNotContain("relu'").contains("bad-request");
    }

    /** What is unusual, but has one meaning. */
    @ParameterizedTest
    @CsvSource(delimiter = '\u0001', quoteCharacter = '\u0002',
            textBlock = """
                    GET /v1/ops/relu HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n
                    GET /v1/ops/relu HTTP/1.0\\r\\n\\r\\n
                    \\r\\nGET /v1/ops/relu HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n
                    GET /v1/ops/relu HTTP/1.1\\r\\nHost:localhost\\r\\nX:\\t  1 2  \\t\\r\\nY:\\r\\nConnection:  close\\r\\n\\r\\n
                    GET http://localhost/v1/ops/relu HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n
                    GET /v1/gradient?expression=%CF%83(x)&in.x=1 HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n
                    POST /v1/gradient HTTP/1.0\\r\\nContent-Type: application/json\\r\\nContent-Length: 41\\r\\n\\r\\n{"expression": "x^2", "inputs": {"x": 3}}
                    """)
    void isAnswered(String request) throws IOException, InterruptedException {
        assertThat(raw(bytes(request))).startsWith("HTTP/1.1 200");
    }

    @Test
    void requestsOneBehindTheOtherAreAnswered() throws IOException, InterruptedException {
        String chunked = "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\n0\r\n\r\n";
        String sized = "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " + BODY.length()
                + "\r\n\r\n" + BODY;
        String last = sized.replace("Host: localhost", "Host: localhost\r\nConnection: close");
        assertThat(raw(bytes(chunked + sized + chunked + last)).split("HTTP/1.1 200", -1)).hasSize(5);
    }

    /** The bytes of a slash, a quote and others that other decoders would find, within a string of JSON. */
    @ParameterizedTest
    @ValueSource(strings = {"C0AF", "C0A2", "C1BF", "E080AF", "E09FBF", "F08080AF", "EDA080", "EDBFBF", "F4908080", "F8888080", "FF", "80",
            "C3", "E282"})
    void aBodyThatIsNotUtf8IsRefused(String hex) throws IOException, InterruptedException {
        for (int pad : List.of(0, 8_150, 8_151, 8_152, 8_153)) {
            String begin = "{\"expression\": \"x\", \"inputs\": {\"x\": 1},%s \"output\": \"".formatted(" ".repeat(pad));
            String answer = postBytes(begin.getBytes(StandardCharsets.UTF_8), HexFormat.of().parseHex(hex),
                    "\"}".getBytes(StandardCharsets.UTF_8));
            assertThat(answer).as(hex).startsWith("HTTP/1.1 400").contains("\"code\":\"malformed-json\"");
        }
    }

    @Test
    void aBodyOfOtherLettersIsRead() throws IOException, InterruptedException {
        for (int pad = 8_140; pad < 8_160; pad++) {
            assertThat(postBytes(
                    "{\"expression\": \"σ = 가^2\", \"inputs\": {%s\"가\": 3}}".formatted(" ".repeat(pad)).getBytes(StandardCharsets.UTF_8)))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf8", "UTF-16", "US-ASCII", "unknown", "%%", "\"\""})
    void aNameOfAnEncodingHidesNothing(String charset) {
        byte[] body = "{\"expression\": \"x\", \"inputs\": {\"x\": 1}, \"output\": \"\u00c0\u00af\"}".getBytes(StandardCharsets.ISO_8859_1);
        HttpResponse<String> response = post("/v1/gradient", BodyPublishers.ofByteArray(body), "Content-Type",
                "application/json;charset=" + charset);
        assertThat(response.statusCode()).as(response.body()).isIn(400, 415);
    }

    @Test
    void aBodyMayNameAnotherEncoding() {
        byte[] body = "{\"expression\": \"f = \u00e5^2\", \"inputs\": {\"\u00e5\": 3}}".getBytes(StandardCharsets.ISO_8859_1);
        HttpResponse<String> response = post("/v1/gradient", BodyPublishers.ofByteArray(body), "Content-Type",
                "application/json;charset=ISO-8859-1");
        assertThat(json(response).at("/gradients/\u00e5").asDouble()).as(response.body()).isEqualTo(6);
    }

    private String postBytes(byte[]... parts) throws IOException, InterruptedException {
        int length = Stream.of(parts).mapToInt(part -> part.length).sum();
        List<byte[]> pieces = new ArrayList<>();
        pieces.add(bytes(
                "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                        + length + "\r\n\r\n"));
        pieces.addAll(List.of(parts));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            all.write(piece);
        }
        return raw(all.toByteArray());
    }
}
