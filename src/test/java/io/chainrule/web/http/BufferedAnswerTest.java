package io.chainrule.web.http;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.chainrule.core.graph.LimitException;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.TracedParts;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletResponse;

/** An answer is kept until it is complete, then packed if that is worth it, and sent with its length. */
class BufferedAnswerTest {
    private static final int PIECE = PacedStream.PIECE;
    private static final String LONG = "0.1, ".repeat(1_000);
    private static final HttpProperties PATIENT = new HttpProperties(Duration.ofSeconds(20), Duration.ofHours(1), Duration.ofHours(1), 1,
            Duration.ofHours(1), 0);
    private static final HttpProperties STRICT = new HttpProperties(Duration.ofSeconds(20), Duration.ZERO, Duration.ZERO, 1_000_000_000,
            Duration.ZERO, 0);

    private final Limits limits = TestService.limits("shared-bytes", "50000000", "memory-wait", "0ms");
    private final Budget budget = new Budget(limits);
    private final Budget.Reservation reservation = budget.reserve(0);
    private final Turn turn = new Turns(limits).begin("client", () -> false);
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final BufferedAnswer answer = answer(PATIENT);

    private BufferedAnswer answer(HttpProperties properties) {
        return new BufferedAnswer(response, reservation, turn, properties);
    }

    @AfterEach
    void release() {
        turn.close();
        reservation.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void write(String type, String text) throws IOException {
        answer.setContentType(type);
        answer.getOutputStream().write(bytes(text));
    }

    private String unpacked() throws IOException {
        return unpacked(response);
    }

    private static String unpacked(MockHttpServletResponse response) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.getContentAsByteArray()))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void nothingIsSentBeforeItIsComplete() throws IOException {
        write("application/json", LONG);
        answer.setContentLength(7);
        answer.setContentLengthLong(8);
        answer.flushBuffer();
        assertThat(response.getContentAsByteArray()).isEmpty();
        assertThat(response.isCommitted()).isFalse();
        answer.complete("", null);
        answer.send();
        assertThat(response.getContentAsString()).isEqualTo(LONG);
        assertThat(response.getContentLengthLong()).isEqualTo(LONG.length());
        assertThat(answer.length()).isEqualTo(LONG.length());
        assertThat(response.getHeader("Content-Encoding")).isNull();
    }

    /** So that an answer for which there is no room is not made. */
    @Test
    void theMemoryOfAnAnswerIsTakenWhenItsLengthIsTold() throws IOException {
        answer.setContentLengthLong(PIECE);
        assertThat(budget.used()).isZero();
        answer.setContentLengthLong(100 * PIECE);
        assertThat(budget.used()).isEqualTo(2 * 99 * PIECE);
        write("application/json", "1".repeat(100 * PIECE));
        assertThat(budget.used()).as("once it is written").isEqualTo(2 * 99 * PIECE);
        assertThatThrownBy(() -> answer.setContentLengthLong(30_000_000)).isInstanceOf(LimitException.class);
    }

    @Test
    void aWriterWritesUtf8() throws IOException {
        answer.setContentType("application/json");
        answer.getWriter().print("한");
        answer.getWriter().print("글");
        answer.complete("", null);
        answer.send();
        assertThat(response.getContentAsByteArray()).isEqualTo(bytes("한글"));
    }

    /** What failed halfway is forgotten, and the error takes its place. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void canStillBecomeAnError(boolean isReset) throws IOException {
        answer.getWriter().print("half of an answer");
        answer.getWriter().flush();
        answer.setStatus(404);
        if (isReset) {
            answer.reset();
            assertThat(response.getStatus()).isEqualTo(200);
        } else {
            answer.resetBuffer();
        }
        answer.getWriter().print("error");
        answer.complete("", null);
        answer.send();
        assertThat(response.getContentAsString()).isEqualTo("error");
    }

    @Test
    void anErrorOfTheContainerIsLeftToIt() throws IOException {
        write("application/json", LONG);
        answer.sendError(404);
        answer.complete("gzip", null);
        answer.send();
        assertThat(response.getStatus()).isEqualTo(404);
        assertThat(response.getContentAsByteArray()).isEmpty();
        assertThat(response.getHeader("Content-Encoding")).isNull();
        MockHttpServletResponse other = new MockHttpServletResponse();
        BufferedAnswer refused = new BufferedAnswer(other, reservation, turn, PATIENT);
        refused.getOutputStream().write(1);
        refused.sendError(400, "why");
        refused.send();
        assertThat(other.getErrorMessage()).isEqualTo("why");
        assertThat(other.getContentAsByteArray()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gzip                 | true
            GZIP                 | true
            x-gzip               | true
            br, gzip             | true
            deflate,gzip;q=0.5   | true
            gzip;q=0.001         | true
            gzip ; q=1           | true
            gzip; q = 0.1        | true
            br                   | false
            gzip;q=0             | false
            gzip; q=0.0          | false
            br, gzip;q=0.000, x  | false
            gzip; q = 0          | false
            notgzip              | false
            gzipped              | false
            """)
    void isPackedForWhoTakesIt(String accepted, boolean isPacked) throws IOException {
        write("application/json", LONG);
        answer.complete(accepted, null);
        answer.send();
        assertThat(response.getHeader("Content-Encoding")).isEqualTo(isPacked ? "gzip" : null);
        assertThat(isPacked ? unpacked() : response.getContentAsString()).isEqualTo(LONG);
        assertThat(response.getContentLengthLong()).isEqualTo(response.getContentAsByteArray().length).isEqualTo(answer.length());
        assertThat(response.getHeaders("Vary")).containsExactly("Accept-Encoding");
    }

    @ParameterizedTest
    @CsvSource({"application/json, true", "application/problem+json, true", "text/html;charset=UTF-8, true", "image/svg+xml, true",
            "image/png, false", ", false"})
    void isPackedIfItsTypeBecomesShorter(String type, boolean isPacked) throws IOException {
        write(type, LONG);
        answer.complete("gzip", null);
        assertThat(response.getHeader("Content-Encoding")).isEqualTo(isPacked ? "gzip" : null);
    }

    @Test
    void isNotPackedTwiceNorWhereItIsShort() throws IOException {
        write("application/json", LONG);
        answer.setHeader("Content-Encoding", "br");
        answer.complete("gzip", null);
        assertThat(response.getHeader("Content-Encoding")).isEqualTo("br");
        for (int length : new int[]{2_047, 2_048}) {
            MockHttpServletResponse other = new MockHttpServletResponse();
            BufferedAnswer written = new BufferedAnswer(other, reservation, turn, PATIENT);
            written.setContentType("application/json");
            written.getOutputStream().write(new byte[length]);
            written.complete("gzip", null);
            assertThat(other.getHeader("Content-Encoding")).isEqualTo(length < 2_048 ? null : "gzip");
        }
    }

    @Test
    void aDocumentIsPackedOnceForAll() throws IOException {
        PackedDocuments documents = new PackedDocuments();
        for (int i = 0; i < 3; i++) {
            MockHttpServletResponse other = new MockHttpServletResponse();
            BufferedAnswer written = new BufferedAnswer(other, reservation, turn, PATIENT);
            written.setContentType("text/javascript");
            written.getOutputStream().write(bytes(LONG.repeat(20)));
            written.complete("gzip", documents);
            assertThat(budget.used()).as("what is sent belongs to nobody").isZero();
            written.send();
            assertThat(other.getHeader("Content-Encoding")).isEqualTo("gzip");
            assertThat(unpacked(other)).isEqualTo(LONG.repeat(20));
        }
        assertThat(documents.count()).isOne();
    }

    /** Errors may tell what was asked for, so that there is no end of them; and a part of a file is not the file. */
    @ParameterizedTest
    @CsvSource({"404, gzip", "206,"})
    void whatIsNoDocumentIsNotKept(int status, String encoding) throws IOException {
        PackedDocuments documents = new PackedDocuments();
        answer.setStatus(status);
        write("application/json", LONG);
        answer.complete("gzip", documents);
        assertThat(documents.count()).isZero();
        assertThat(response.getHeader("Content-Encoding")).isEqualTo(encoding);
    }

    /** The first piece is free; beyond it memory is taken, a piece at least, for blocks that double. */
    @Test
    void takesMemoryBeyondItsFirstPiece() throws IOException {
        ServletOutputStream out = answer.getOutputStream();
        out.write(new byte[PIECE]);
        assertThat(budget.used()).isZero();
        out.write(1);
        assertThat(budget.used()).isEqualTo(2 * PIECE);
        out.write(new byte[PIECE - 1]);
        assertThat(budget.used()).isEqualTo(2 * PIECE);
        out.write(new byte[10 * PIECE]);
        assertThat(budget.used()).isEqualTo(2 * PIECE + 2 * 10 * PIECE);
        assertThat(out.isReady()).isTrue();
        assertThatThrownBy(() -> out.setWriteListener(null)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClientThatReadsTooSlowlyGetsNoMore() throws IOException {
        BufferedAnswer slow = answer(STRICT);
        slow.getOutputStream().write(new byte[3 * PIECE]);
        slow.complete("", null);
        assertThatThrownBy(slow::send).isInstanceOf(SocketTimeoutException.class);
        assertThat(slow.length()).as("what was sent is counted").isEqualTo(PIECE);
    }

    @Test
    void eventsAreSentOneByOne() throws IOException {
        answer.setContentType("text/event-stream");
        answer.getOutputStream().write(bytes("event: a\n\n"));
        answer.flushBuffer();
        assertThat(response.getContentAsString()).isEqualTo("event: a\n\n");
        assertThat(response.isCommitted()).isTrue();
        answer.getOutputStream().write(bytes(LONG.repeat(10)));
        answer.getOutputStream().write('x');
        answer.getOutputStream().flush();
        answer.complete("gzip", null);
        answer.send();
        assertThat(response.getContentAsString()).isEqualTo("event: a\n\n" + LONG.repeat(10) + "x");
        assertThat(response.getHeader("Content-Encoding")).isNull();
        assertThat(budget.used()).as("they are not kept").isZero();
        assertThat(answer.length()).isEqualTo(10 + 50_000);
    }

    /** The time of an answer is not that of a stream, which may be long. Only while writing waits does time count. */
    @Test
    void streamsMayBeLongButNotSlow() throws IOException {
        BufferedAnswer quick = answer(new HttpProperties(Duration.ofSeconds(20), Duration.ZERO, Duration.ZERO, 1, Duration.ofHours(1), 0));
        quick.setContentType("text/event-stream");
        quick.getOutputStream().write(bytes(LONG));
        quick.getOutputStream().flush();
        BufferedAnswer slow = answer(STRICT);
        slow.setContentType("text/event-stream");
        assertThatThrownBy(() -> slow.getOutputStream().write(new byte[1])).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void anAnswerWithoutContentIsSentWithoutLength() throws IOException {
        answer.setStatus(204);
        answer.getOutputStream().flush();
        answer.complete("gzip", null);
        answer.send();
        assertThat(response.getHeader("Content-Length")).isNull();
        assertThat(answer.length()).isZero();
    }

    /** Tomcat answers a request itself whose body it finds malformed while that is read. */
    @Test
    void nothingIsSentWhereTheContainerHasAnswered() throws IOException {
        write("application/json", LONG);
        response.setCommitted(true);
        answer.complete("gzip", null);
        answer.send();
        assertThat(response.getContentAsByteArray()).isEmpty();
        assertThatThrownBy(answer::resetBuffer).as("it cannot become an error any more").isInstanceOf(IllegalStateException.class);
    }

    /** Tomcat does not call an error sent before the request has ended. */
    @Test
    void nothingIsSentInPlaceOfAnErrorThatIsToCome() throws IOException {
        MockHttpServletResponse other = new MockHttpServletResponse() {
            @Override
            public boolean isCommitted() {
                return false;
            }
        };
        BufferedAnswer refused = new BufferedAnswer(other, reservation, turn, PATIENT);
        refused.getOutputStream().write(1);
        refused.sendError(404);
        refused.send();
        assertThat(other.getContentAsByteArray()).isEmpty();
    }

    @Test
    void eachDocumentIsSentAsItself() throws IOException {
        PackedDocuments documents = new PackedDocuments();
        for (String text : new String[]{LONG, LONG + "1", LONG}) {
            MockHttpServletResponse other = new MockHttpServletResponse();
            BufferedAnswer written = new BufferedAnswer(other, reservation, turn, PATIENT);
            written.setContentType("text/css");
            written.getOutputStream().write(bytes(text));
            written.complete("gzip", documents);
            written.send();
            assertThat(unpacked(other)).isEqualTo(text);
        }
        assertThat(documents.count()).isEqualTo(2);
    }

    /** What is packed to more than a few megabytes in all is not kept. */
    @Test
    void documentsTakeSoMuchMemoryAtMost() {
        PackedDocuments documents = new PackedDocuments();
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 10; i++) {
            byte[] noise = new byte[1 << 20];
            random.nextBytes(noise);
            documents.of(noise);
        }
        await().untilAsserted(() -> assertThat(documents.count()).isLessThan(8));
    }

    /** Records how events are written. */
    private static final class Recorded extends ServletOutputStream {
        private final List<Integer> pieces = new ArrayList<>();
        private @Nullable WriteListener listener;
        private boolean isReady;

        @Override
        public void write(int value) {
            pieces.add(1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            pieces.add(length);
        }

        @Override
        public boolean isReady() {
            return isReady;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            this.listener = listener;
        }
    }

    @Test
    void eventsGoToTheConnectionAsTheyAre() throws IOException {
        Recorded connection = new Recorded();
        BufferedAnswer stream = new BufferedAnswer(new MockHttpServletResponse() {
            @Override
            public ServletOutputStream getOutputStream() {
                return connection;
            }
        }, reservation, turn, PATIENT);
        stream.setContentType("text/event-stream");
        ServletOutputStream out = stream.getOutputStream();
        out.write(new byte[2 * PIECE]);
        assertThat(connection.pieces).as("in pieces, and nothing behind the last").containsExactly(PIECE, PIECE);
        assertThat(out.isReady()).isFalse();
        connection.isReady = true;
        assertThat(out.isReady()).isTrue();
        WriteListener listener = new WriteListener() {
            @Override
            public void onWritePossible() {}

            @Override
            public void onError(Throwable failure) {}
        };
        out.setWriteListener(listener);
        assertThat(connection.listener).isSameAs(listener);
    }

    @Test
    void theTimeUntilEventsAreFlushedCountsToo() throws IOException {
        BufferedAnswer slow = answer(STRICT);
        slow.setContentType("text/event-stream");
        ServletOutputStream out = slow.getOutputStream();
        assertThatThrownBy(out::flush).isInstanceOf(SocketTimeoutException.class);
    }

    /** It runs from the first byte that is written until the last has been sent, also where that fails. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writingIsOneSpan(boolean isSlow) throws IOException {
        try (TracedParts parts = new TracedParts()) {
            BufferedAnswer written = answer(isSlow ? STRICT : PATIENT);
            written.getOutputStream().write(1);
            written.getOutputStream().write(2);
            written.complete("", null);
            assertThat(parts.ended()).isEmpty();
            assertThat(catchThrowable(written::send) instanceof SocketTimeoutException).isEqualTo(isSlow);
            assertThat(parts.ended()).containsExactly("write");
        }
    }
}
