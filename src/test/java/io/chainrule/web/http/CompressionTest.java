package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Bodies and answers in gzip. */
class CompressionTest extends HttpTest {
    private static final String PROGRAM = "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}}";
    private static final int LIMIT = 8 * 1024 * 1024;

    @Autowired
    private Budget budget;

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private static byte[] gzip(String plain) throws IOException {
        return gzip(plain.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> postPacked(byte[] body, String encoding) {
        return post("/v1/gradient", BodyPublishers.ofByteArray(body), "Content-Type", "application/json", "Content-Encoding", encoding);
    }

    private HttpResponse<byte[]> askForGzip(String path, String body, String accept) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).POST(BodyPublishers.ofString(body))
                        .headers("Content-Type", "application/json", "Accept-Encoding", "gzip", "Accept", accept).build(),
                BodyHandlers.ofByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", "x-gzip"})
    void aPackedBodyIsRead(String encoding) throws IOException {
        HttpResponse<String> response = postPacked(gzip(PROGRAM), encoding);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(json(response).path("value").asInt()).isEqualTo(9);
    }

    @Test
    void aPackedBodyInChunksIsRead() throws IOException {
        byte[] packed = gzip(PROGRAM);
        assertThat(post("/v1/gradient", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(packed)), "Content-Type",
                "application/json", "Content-Encoding", "gzip").statusCode()).isEqualTo(200);
    }

    @Test
    void theLimitIsOnTheUnpackedSize() throws IOException {
        assertThat(postPacked(gzip(PROGRAM + " ".repeat(LIMIT - PROGRAM.length())), "gzip").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = postPacked(gzip(PROGRAM + " ".repeat(LIMIT + 1 - PROGRAM.length())), "gzip");
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(errors(refused)).containsExactly("body-too-large -");
        assertNothingIsReserved(budget);
    }

    /** Two gigabytes of zeros in two megabytes, of which no more is unpacked than the limit, and nothing is kept. */
    @Test
    void aBombIsRefusedEarly() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        packed.write(gzip(""), 0, 10);
        // A million zeros are packed once, as blocks that may follow each other: packing two gigabytes takes many seconds.
        byte[] zeros = new byte[4_096];
        try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
            deflater.setInput(new byte[1 << 20]);
            int length = deflater.deflate(zeros, 0, zeros.length, Deflater.SYNC_FLUSH);
            for (int i = 0; i < 2_048; i++) {
                packed.write(zeros, 0, length);
            }
        }
        assertThat(packed.size()).isLessThan(LIMIT);
        byte[] body = packed.toByteArray();
        body = concatenate(gzip("{\"expression\": \""), body);
        long start = System.nanoTime();
        assertThat(postPacked(body, "gzip").statusCode()).isIn(400, 413);
        assertThat(postPacked(concatenate(gzip(" ".repeat(LIMIT)), body), "gzip").statusCode()).isEqualTo(413);
        assertThat((System.nanoTime() - start) / 1e9).as("seconds, of the many that unpacking all would take").isLessThan(8);
        assertNothingIsReserved(budget);
    }

    /** Many empty parts: they unpack to nothing, and the unpacker calls itself for each. */
    @Test
    void aBodyOfNothingIsBoundedToo() throws IOException {
        byte[] nothing = gzip("");
        byte[] flood = new byte[nothing.length * (LIMIT / nothing.length - 1_000)];
        for (int i = 0; i < flood.length; i += nothing.length) {
            System.arraycopy(nothing, 0, flood, i, nothing.length);
        }
        HttpResponse<String> response = post("/v1/gradient", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(flood)),
                "Content-Type", "application/json", "Content-Encoding", "gzip");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("detail").asString()).isEqualTo("the body unpacks to nothing");
        assertNothingIsReserved(budget);
    }

    @Test
    void whatIsNotInGzipIsToldSo() throws IOException {
        HttpResponse<String> plain = postPacked(PROGRAM.getBytes(StandardCharsets.UTF_8), "gzip");
        assertThat(plain.statusCode()).as(plain.body()).isEqualTo(400);
        assertThat(json(plain).path("detail").asString()).isEqualTo("the body is not in gzip, as its Content-Encoding says");
        byte[] damaged = gzip(PROGRAM);
        damaged[14] ^= 0x55;
        assertThat(postPacked(damaged, "gzip").statusCode()).isEqualTo(400);
        byte[] whole = gzip(PROGRAM + " ".repeat(10_000));
        assertThat(postPacked(Arrays.copyOf(whole, whole.length / 2), "gzip").statusCode()).isEqualTo(400);
        assertNothingIsReserved(budget);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "deflate", "zstd", "gzip, gzip", "x"})
    void anotherEncodingIsToldWhichAreRead(String encoding) throws IOException {
        HttpResponse<String> response = postPacked(gzip(PROGRAM), encoding);
        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(json(response).at("/errors/0/expected").asString()).isEqualTo("Content-Encoding: gzip, or none");
        assertThat(json(response).at("/errors/0/actual").asString()).isEqualTo("Content-Encoding: " + encoding);
        assertThat(response.headers().firstValue("Accept-Encoding")).hasValue("gzip, identity");
    }

    @Test
    void aLongAnswerIsPackedForWhoAsksForIt() throws IOException, InterruptedException {
        String body = "{\"expression\": \"f = exp(x)\", \"inputs\": {\"x\": " + Collections.nCopies(1_000, 0.1) + "}}";
        HttpResponse<byte[]> packed = askForGzip("/v1/evaluate", body, "*/*");
        assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(packed.headers().firstValue("Content-Type")).hasValue("application/json");
        HttpResponse<String> plain = post("/v1/evaluate", body);
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(plain.body());
        }
    }

    /** A file has as many addresses as there are ways to write its letters. */
    @Test
    void aFileIsPackedHoweverItsAddressIsWritten() throws IOException, InterruptedException {
        String file = get("/swagger-ui/swagger-ui.css").body();
        for (String address : List.of("/swagger-ui/swagger-ui.css", "/swagger-ui/swagger%2Dui.css", "/swagger-ui/%73wagger-ui.cs%73")) {
            HttpResponse<byte[]> packed = HttpClient.newHttpClient().send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + address)).header("Accept-Encoding", "gzip").build(),
                    BodyHandlers.ofByteArray());
            assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("gzip");
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(file);
            }
        }
    }

    /** Its bytes would not be those of the file. */
    @Test
    void aPartOfAFileIsNotPacked() throws IOException, InterruptedException {
        HttpResponse<byte[]> part = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/swagger-ui/swagger-ui.css"))
                        .headers("Accept-Encoding", "gzip", "Range", "bytes=0-4999").build(),
                BodyHandlers.ofByteArray());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(part.body()).hasSize(5_000);
    }

    @Test
    void eventsAreNotPacked() throws IOException, InterruptedException {
        String training = "{\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}, \"wrt\": [\"x\"], \"steps\": 500}";
        HttpResponse<byte[]> events = askForGzip("/v1/train", training, "text/event-stream");
        assertThat(events.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(new String(events.body(), StandardCharsets.UTF_8)).contains("event: done");
    }

    private static byte[] concatenate(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }
}
