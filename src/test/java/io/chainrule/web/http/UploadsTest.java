package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Bodies that are files hold neither a core nor memory while they come, and leave nothing. */
@Timeout(120)
@DirtiesContext
@TestPropertySource(properties = {"chainrule.http.grace=3s", "chainrule.http.minimum-rate=1000", "chainrule.http.body-time=2s",
        "chainrule.uploads.at-once=4", "chainrule.datasets.upload-bytes=1000000"})
class UploadsTest extends SocketTest {
    private static final String PATH = "/v1/datasets/uploaded";

    private static Path folder = Path.of("target");

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        folder = TestFolder.add(properties, "uploads-");
    }

    private static List<Path> files() throws IOException {
        Path uploads = folder.resolve("data/uploads");
        if (!Files.isDirectory(uploads)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(uploads)) {
            return files.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock")).toList();
        }
    }

    private static void awaitFiles(int count) {
        await().untilAsserted(() -> assertThat(files()).hasSize(count));
    }

    private static String put(String path, String fields) {
        return "PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n" + fields + "\r\n";
    }

    private HttpResponse<String> upload(String csv) {
        return send("PUT", PATH, BodyPublishers.ofString(csv), "Content-Type", "text/csv");
    }

    /** A body that comes faster than the minimum rate may take longer than other bodies. */
    @Test
    void aFileHasNoDeadline() throws InterruptedException {
        atOnce(length -> {
            try (Socket socket = connect()) {
                boolean isChunked = length.startsWith("T");
                send(socket, put(PATH, length) + (isChunked ? "2\r\nx\n\r\n" : "x\n"));
                for (int i = 0; i < 40; i++) {
                    TimeUnit.MILLISECONDS.sleep(100);
                    String rows = "1\n".repeat(1_000);
                    send(socket, isChunked ? "7d0\r\n" + rows + "\r\n" : rows);
                    if (i == 20) {
                        assertThat(budget.used()).as("memory that is held").isZero();
                        assertThat(files()).hasSizeBetween(1, 2).allSatisfy(file -> assertThat(PosixFilePermissions
                                .toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------"));
                    }
                }
                send(socket, isChunked ? "0\r\n\r\n" : "");
                assertThat(answer(socket)).isIn("HTTP/1.1 201", "HTTP/1.1 200");
            }
        }, "Content-Length: 80002\r\n", "Transfer-Encoding: chunked\r\n");
        awaitFiles(0);
    }

    /** Also where only Tomcat sees the bytes, as those behind the length of a chunk. */
    @Test
    void whoSendsTooSlowlyIsCutOff() throws InterruptedException {
        atOnce(length -> {
            try (Socket socket = connect()) {
                send(socket, put(PATH, length) + (length.startsWith("T") ? "2\r\nx\n\r\n2;" : "x\n"));
                drip(socket, "1");
                assertThat(answer(socket)).isIn("HTTP/1.1 408", "HTTP/1.1 400");
            }
        }, "Content-Length: 80002\r\n", "Transfer-Encoding: chunked\r\n");
        awaitFiles(0);
    }

    /** What was sent fast before gives no time to send nothing. */
    @Test
    void whoStallsIsCutOff() throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            send(socket, put(PATH, "Content-Length: 800002\r\n") + "x\n" + "1\n".repeat(200_000));
            drip(socket, "1");
            assertThat(answer(socket)).isIn("HTTP/1.1 408", "HTTP/1.1 400");
        }
        awaitFiles(0);
    }

    @Test
    void ofAClientThatGoesNothingIsLeft() throws IOException {
        try (Socket socket = connect()) {
            send(socket, put(PATH, "Content-Length: 80002\r\n") + "x\n1\n");
            awaitFiles(1);
        }
        awaitFiles(0);
        assertThat(get(PATH + "_gone").statusCode()).isEqualTo(404);
    }

    /** One client has half of the places, and they are free again when its files have come. */
    @Test
    void noMoreComeAtOnceThanMay() throws IOException {
        // What is done for the first time takes longer, and those that are slow here are cut off after the grace.
        assertThat(upload("x\n1\n").statusCode()).isIn(200, 201);
        assertThat(post("/v1/gradient", TINY).statusCode()).isEqualTo(200);
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                Socket socket = connect();
                slow.add(socket);
                send(socket, put(PATH, "Content-Length: 4\r\n") + "x\n1");
            }
            awaitFiles(2);
            HttpResponse<String> refused = upload("x\n1\n");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(json(refused).path("detail").asString()).contains("chainrule.uploads.at-once");
            assertThat(post("/v1/gradient", TINY).statusCode()).isEqualTo(200);
            send(slow.getFirst(), "\n");
            assertThat(answer(slow.getFirst())).startsWith("HTTP/1.1 20");
            awaitFiles(1);
            assertThat(upload("x\n1\n").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        awaitFiles(0);
    }

    @Test
    void aClientThatAsksFirstIsToldToGoOnOrNotTo() throws IOException {
        try (Socket socket = connect()) {
            send(socket, put(PATH, "Expect: 100-continue\r\nContent-Length: 4\r\n"));
            assertThat(answer(socket)).isEqualTo("HTTP/1.1 100");
            send(socket, "x\n1\n");
            assertThat(answer(socket)).as("the rest of the first head").containsSubsequence("\r\n\r\n", "HTTP/1.");
        }
        for (String[] refused : new String[][]{{PATH, "1000001", "413"}, {"/v1/datasets/Illegal", "4", "422"},
                {PATH + "_new", "4\r\nIf-Match: *", "412"}, {PATH, "4\r\nContent-Range: bytes 0-3/9", "400"}}) {
            try (Socket socket = connect()) {
                send(socket, put(refused[0], "Expect: 100-continue\r\nContent-Length: " + refused[1] + "\r\n"));
                assertThat(answer(socket)).isEqualTo("HTTP/1.1 " + refused[2]);
            }
        }
        try (Socket socket = connect()) {
            send(socket, put(PATH, "Expect: 100-continue\r\nContent-Length: 4\r\n").replace("text/csv", "text/plain"));
            assertThat(answer(socket)).isEqualTo("HTTP/1.1 415");
        }
        awaitFiles(0);
    }
}
