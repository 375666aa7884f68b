package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.JsonMemory;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.TracedParts;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;

/** What a client sends is kept as it came, and read again: how much of it, at what pace, and what memory it takes meanwhile. */
class BufferedBodyTest {
    private static final int SMALL = 65_536;
    private static final long TOTAL = 8_000_000;
    private static final BodyLimit LIMIT = new BodyLimit(500_000, "chainrule.limits.body-bytes");
    private static final HttpProperties PATIENT = new HttpProperties(Duration.ofSeconds(20), Duration.ofHours(1), Duration.ofHours(1), 1,
            Duration.ofHours(1), 0);

    private final Budget budget = new Budget(TestService.limits("shared-bytes", String.valueOf(TOTAL), "memory-wait", "0ms"));
    private final Budget.Reservation reservation = budget.reserve(0);
    private final BufferedBody.Arrivals arrivals = new BufferedBody.Arrivals(budget);
    private final List<Long> admitted = new ArrayList<>();

    @AfterEach
    void release() {
        reservation.close();
        assertThat(budget.used()).isZero();
    }

    /** A request whose body arrives in pieces of this many bytes. */
    private static MockHttpServletRequest request(byte[] body, boolean isAnnounced, int piece) {
        InputStream sent = new ByteArrayInputStream(body);
        return new MockHttpServletRequest("POST", "/v1/gradient") {
            @Override
            public long getContentLengthLong() {
                return isAnnounced ? body.length : -1;
            }

            @Override
            public ServletInputStream getInputStream() {
                return new ServletInputStream() {
                    @Override
                    public int read() throws IOException {
                        return sent.read();
                    }

                    @Override
                    public int read(byte[] buffer, int offset, int length) throws IOException {
                        return sent.read(buffer, offset, Math.min(length, piece));
                    }

                    @Override
                    public boolean isFinished() {
                        return false;
                    }

                    @Override
                    public boolean isReady() {
                        return true;
                    }

                    @Override
                    public void setReadListener(ReadListener listener) {
                        throw new IllegalStateException();
                    }
                };
            }
        };
    }

    private BufferedBody read(MockHttpServletRequest request) throws IOException {
        return BufferedBody.of(request, LIMIT, new ClientPace(PATIENT, Duration.ofHours(1)), arrivals, reservation, admitted::add);
    }

    private static byte[] random(int length) {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = (byte) ('a' + (i * 7919L >>> 3) % 26);
        }
        return body;
    }

    /** RFC 9530. Of a packed body the digest is that of what was sent. */
    @ParameterizedTest
    @CsvSource({"Content-Digest, false, true", "Repr-Digest, false, true", "Content-Digest, true, true", "Content-Digest, false, false"})
    void a_body_with_another_digest_is_refused(String header, boolean isPacked, boolean isAnnounced) throws IOException {
        byte[] plain = random(100_000);
        byte[] sent = isPacked ? gzip(plain) : plain;
        for (byte[] told : List.of(sent, random(7))) {
            MockHttpServletRequest request = request(sent, isAnnounced, 9_000);
            request.addHeader(header, ContentDigest.text(DigestUtils.sha256Hex(told)));
            if (isPacked) {
                request.addHeader("Content-Encoding", "gzip");
            }
            if (told.length == sent.length) {
                try (BufferedBody body = read(request)) {
                    assertThat(body.getInputStream().readAllBytes()).isEqualTo(plain);
                }
            } else {
                assertThatThrownBy(() -> read(request)).isInstanceOf(RequestException.class).hasMessageContaining(header);
            }
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8_191, 8_192, 8_193, 16_384, 65_536, 65_537, 131_073, 500_000})
    void isReadAgainAsItCame(int length) throws IOException {
        byte[] sent = random(length);
        for (boolean isAnnounced : new boolean[]{true, false}) {
            for (int piece : new int[]{1_000, 8_192, 1 << 20}) {
                try (BufferedBody body = read(request(sent, isAnnounced, piece))) {
                    assertThat(body.length()).isEqualTo(length);
                    assertThat(body.getInputStream().readAllBytes()).isEqualTo(sent);
                }
                reservation.release();
            }
        }
    }

    @Test
    void isReadByteByByteToo() throws IOException {
        ServletInputStream in = read(request("\u00e9x".getBytes(StandardCharsets.UTF_8), true, 9)).getInputStream();
        assertThat(in.isReady()).isTrue();
        assertThat(in.read()).isEqualTo(0xc3);
        assertThat(in.read()).isEqualTo(0xa9);
        assertThat(in.read()).isEqualTo('x');
        assertThat(in.isFinished()).isFalse();
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.isFinished()).isTrue();
        assertThatThrownBy(() -> in.setReadListener(null)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isRefusedByteForByteBeyondTheLimit(boolean isAnnounced) {
        RequestException refused = catchThrowableOfType(RequestException.class, () -> read(request(random(500_001), isAnnounced, 10_000)));
        assertThat(refused.errors()).singleElement().satisfies(error -> {
            assertThat(error.code()).isEqualTo("body-too-large");
            assertThat(error.actual()).isEqualTo(isAnnounced ? "500001 bytes" : "more than 500000 bytes");
        });
        assertThat(admitted).as("told only where the length is not known").hasSize(isAnnounced ? 0 : 1);
    }

    /** A body that is not small is admitted by its length, or once it is found to be longer. */
    @ParameterizedTest
    @CsvSource({"65536, true, false", "65537, true, true", "65535, false, false", "70000, false, true", "400000, false, true"})
    void isAdmittedByItsLengthUnlessItIsSmall(int length, boolean isAnnounced, boolean isAsked) throws IOException {
        read(request(random(length), isAnnounced, 10_000)).close();
        assertThat(admitted).hasSize(isAsked ? 1 : 0);
        if (isAnnounced && isAsked) {
            assertThat(admitted).containsExactly((long) length);
        }
    }

    @Test
    void aClientThatIsTooSlowIsRefused() {
        HttpProperties strict = new HttpProperties(Duration.ofSeconds(20), Duration.ZERO, Duration.ZERO, 1, Duration.ZERO, 0);
        assertThat(catchThrowableOfType(RequestException.class, () -> BufferedBody.of(request(random(10), true, 3), LIMIT,
                new ClientPace(strict, Duration.ZERO), arrivals, reservation, admitted::add)).errors())
                .extracting(error -> error.code()).containsExactly("request-timeout");
        assertThat(budget.used()).isZero();
    }

    /** What was sent is forgotten once it has been read again; what is made of it stays. */
    @Test
    void takesMemoryForWhatIsSentAndThenForWhatIsMadeOfIt() throws IOException {
        byte[] sent = "[1,2,3]".repeat(20_000).getBytes(StandardCharsets.UTF_8);
        BufferedBody body = read(request(sent, true, 1 << 20));
        assertThat(budget.used()).as("the first bytes are free").isEqualTo(sent.length - 8_192);
        body.getInputStream().readAllBytes();
        assertThat(budget.used()).isEqualTo(JsonMemory.of(sent, 0, sent.length));
        body.close();
        assertThat(budget.used()).as("closing it again gives nothing back twice").isEqualTo(JsonMemory.of(sent, 0, sent.length));
    }

    /** A packed body takes it as it is unpacked, since nobody knows before how much it is. */
    @Test
    void ofAPackedBodyMemoryIsTakenAsItIsUnpacked() throws IOException {
        byte[] plain = "[1,2,3]".repeat(20_000).getBytes(StandardCharsets.UTF_8);
        MockHttpServletRequest request = request(gzip(plain), true, 1 << 20);
        request.addHeader("Content-Encoding", "gzip");
        BufferedBody body = read(request);
        InputStream in = body.getInputStream();
        byte[] half = in.readNBytes(70_000);
        assertThat(half).isEqualTo(Arrays.copyOf(plain, 70_000));
        assertThat(budget.used()).isBetween(JsonMemory.of(plain, 0, 70_000), JsonMemory.of(plain, 0, 100_000));
        assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(plain, 70_000, plain.length));
        assertThat(budget.used()).isEqualTo(JsonMemory.of(plain, 0, plain.length));
    }

    @Test
    void aPackedBodyIsBoundedByWhatItUnpacksTo() throws IOException {
        for (int length : new int[]{500_000, 500_001}) {
            MockHttpServletRequest request = request(gzip(new byte[length]), true, 1 << 20);
            request.addHeader("Content-Encoding", "gzip");
            BufferedBody body = read(request);
            if (length == 500_000) {
                assertThat(body.getInputStream().readAllBytes()).hasSize(length);
            } else {
                assertThat(catchThrowableOfType(RequestException.class, () -> body.getInputStream().readAllBytes()).errors())
                        .extracting(error -> error.code()).containsExactly("body-too-large");
            }
            body.close();
            reservation.release();
        }
    }

    /** Bodies that arrive have an eighth of the memory; small ones always find room. */
    @Test
    void bodiesThatArriveLeaveRoomForSmallOnes() throws IOException {
        List<BufferedBody> waiting = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            waiting.add(read(request(random(450_000), true, 1 << 20)));
        }
        for (boolean isAnnounced : new boolean[]{true, false}) {
            OverloadedException full = catchThrowableOfType(OverloadedException.class,
                    () -> read(request(random(450_000), isAnnounced, 1 << 20)));
            assertThat(full).hasMessageContaining("the bodies that are being sent leave no memory for this one");
        }
        MockHttpServletRequest announced = request(random(450_000), true, 1 << 20);
        assertThatThrownBy(() -> read(announced)).isInstanceOf(OverloadedException.class);
        assertThat(announced.getInputStream().readAllBytes()).as("none of it was read").hasSize(450_000);
        long held = budget.used();
        waiting.add(read(request(random(SMALL), true, 1 << 20)));
        assertThat(budget.used()).isEqualTo(held + SMALL - 8_192);
        for (BufferedBody body : waiting) {
            body.close();
        }
        try (BufferedBody again = read(request(random(450_000), true, 1 << 20))) {
            assertThat(again.length()).isEqualTo(450_000);
        }
    }

    /** Whatever ends a body, the next ones find the room that it had. */
    @Test
    void aBodyThatFailsLeavesItsRoom() throws IOException {
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> read(request(random(500_001), false, 1 << 20))).isInstanceOf(RequestException.class);
            reservation.release();
        }
        read(request(random(450_000), false, 1 << 20)).close();
    }

    @Test
    void whatIsNotUtf8IsRefused() throws IOException {
        for (String bytes : new String[]{"{\"\u00ff", "{\"\u00e9"}) {
            BufferedBody body = read(request(bytes.getBytes(StandardCharsets.ISO_8859_1), true, 9));
            assertThat(catchThrowableOfType(RequestException.class, () -> body.getInputStream().readAllBytes()).errors())
                    .extracting(error -> error.code() + ": " + error.message()).containsExactly("malformed-json: the body is not UTF-8");
        }
    }

    private void unpack(byte[] packed) throws IOException {
        MockHttpServletRequest request = request(packed, true, 1 << 20);
        request.addHeader("Content-Encoding", "gzip");
        read(request).getInputStream().readAllBytes();
    }

    @Test
    void whatIsNotGzipIsRefused() throws IOException {
        byte[] packed = gzip(random(1_500));
        for (int at : new int[]{0, 20}) {
            byte[] damaged = packed.clone();
            damaged[at] = (byte) ~damaged[at];
            assertThatThrownBy(() -> unpack(damaged)).isInstanceOf(RequestException.class);
        }
        assertThatThrownBy(() -> unpack(Arrays.copyOf(packed, 40))).as("cut").isInstanceOf(IOException.class);
    }

    /** The unpacker calls itself for each empty part. */
    @Test
    void whatUnpacksToNothingIsRefused() throws IOException {
        byte[] nothing = gzip(new byte[0]);
        byte[] flood = new byte[nothing.length * 2_000];
        for (int i = 0; i < flood.length; i += nothing.length) {
            System.arraycopy(nothing, 0, flood, i, nothing.length);
        }
        assertThatThrownBy(() -> unpack(flood)).isInstanceOf(RequestException.class).hasMessage("the body unpacks to nothing");
        unpack(Arrays.copyOf(flood, 10 * nothing.length));
    }

    @ParameterizedTest
    @CsvSource({"0, true", "65536, true", "65537, false"})
    void aShortBodyIsSmall(int length, boolean isSmall) {
        assertThat(BufferedBody.isSmall(request(new byte[length], true, 1))).isEqualTo(isSmall);
        assertThat(BufferedBody.isSmall(request(new byte[length], false, 1))).as("of unknown length").isFalse();
    }

    /** The eighth of the memory is shared to the byte, whether a body says its length or not. */
    @ParameterizedTest
    @CsvSource({"131071, false, 877120", "116384, true, 883616"})
    void bodiesThatArriveFillTheirRoomToTheByte(int length, boolean isAnnounced, int others) throws IOException {
        for (int more : new int[]{0, 1, 0}) {
            List<BufferedBody> waiting = new ArrayList<>();
            waiting.add(read(request(random(others / 2 + 8_192), true, 1 << 20)));
            waiting.add(read(request(random(others / 2 + 8_192 + more), true, 1 << 20)));
            assertThat(budget.used()).isEqualTo(others + more);
            if (more == 0) {
                waiting.add(read(request(random(length), isAnnounced, 1 << 20)));
            } else {
                for (int i = 0; i < 3; i++) {
                    assertThatThrownBy(() -> read(request(random(length), isAnnounced, 1 << 20))).isInstanceOf(OverloadedException.class);
                }
            }
            for (BufferedBody body : waiting) {
                body.close();
            }
            reservation.release();
        }
    }

    @Test
    void smallBodiesFindRoomWhereThereIsNone() throws IOException {
        List<BufferedBody> waiting = new ArrayList<>();
        for (int length : new int[]{450_000, 450_000, 116_384}) {
            waiting.add(read(request(random(length), true, 1 << 20)));
        }
        waiting.add(read(request(random(SMALL), true, 1 << 20)));
        waiting.add(read(request(random(SMALL - 1), false, 1 << 20)));
        for (BufferedBody body : waiting) {
            body.close();
        }
    }

    /** A body that stops halfway is refused as one that is too slow, and leaves its room. */
    @Test
    void aBodyThatStopsIsTooSlow() throws IOException {
        for (int i = 0; i < 5; i++) {
            MockHttpServletRequest stopping = new MockHttpServletRequest("POST", "/v1/gradient") {
                @Override
                public ServletInputStream getInputStream() {
                    return new DelegatingServletInputStream(new SequenceInputStream(new ByteArrayInputStream(random(400_000)),
                            new InputStream() {
                                @Override
                                public int read() throws IOException {
                                    throw new ClientAbortException(new SocketTimeoutException("nothing came"));
                                }

                                @Override
                                public int read(byte[] buffer, int offset, int length) throws IOException {
                                    throw new ClientAbortException(new SocketTimeoutException("nothing came"));
                                }
                            }));
                }
            };
            assertThat(catchThrowableOfType(RequestException.class, () -> read(stopping)).errors()).singleElement().satisfies(error -> {
                assertThat(error.code()).isEqualTo("request-timeout");
                assertThat(error.actual()).startsWith("400000 bytes in ");
            });
            reservation.release();
        }
        read(request(random(450_000), true, 1 << 20)).close();
    }

    @Test
    void readingNothingChangesNothing() throws IOException {
        try (TracedParts parts = new TracedParts(); BufferedBody body = read(request("한".getBytes(StandardCharsets.UTF_8), true, 9))) {
            ServletInputStream in = body.getInputStream();
            assertThat(in.read()).isEqualTo(0xed);
            assertThat(in.read(new byte[3], 1, 0)).as("in the middle of a character").isZero();
            assertThat(parts.ended()).isEmpty();
            assertThat(in.readAllBytes()).hasSize(2);
        }
    }

    /** From when its first byte is read again until its last one is, or until nobody wants the rest. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void parsingIsOneSpan(boolean isClosed) throws IOException {
        try (TracedParts parts = new TracedParts()) {
            BufferedBody body = read(request(random(20), true, 9));
            ServletInputStream in = body.getInputStream();
            assertThat(in.readNBytes(10)).hasSize(10);
            assertThat(parts.ended()).isEmpty();
            if (isClosed) {
                body.close();
            } else {
                assertThat(in.readAllBytes()).hasSize(10);
            }
            assertThat(parts.ended()).containsExactly("parse");
            body.close();
            assertThat(in.read()).isEqualTo(-1);
            assertThat(parts.ended()).hasSize(1);
        }
    }

    @Test
    void eachByteCountsHoweverItIsRead() throws IOException {
        for (int limit : new int[]{5, 4}) {
            try (LimitedStream in = new LimitedStream(new ByteArrayInputStream(new byte[]{0, 1, (byte) 0xff, 4, 5}),
                    new BodyLimit(limit, "limit"))) {
                assertThat(in.read()).isZero();
                assertThat(in.read()).isOne();
                assertThat(in.read()).isEqualTo(0xff);
                assertThat(in.read(new byte[1])).isOne();
                if (limit == 5) {
                    assertThat(in.read()).isEqualTo(5);
                    assertThat(in.read()).as("the end is no byte").isEqualTo(-1);
                } else {
                    assertThatThrownBy(in::read).isInstanceOf(RequestException.class);
                }
            }
        }
    }

    /** Of a header of so many bytes, with a name for the file. */
    private static byte[] gzip(byte[] plain, int header) throws IOException {
        byte[] packed = gzip(plain);
        byte[] named = Arrays.copyOf(packed, packed.length + header - 10);
        named[3] = 8;
        Arrays.fill(named, 10, header - 1, (byte) 'x');
        named[header - 1] = 0;
        System.arraycopy(packed, 10, named, header, packed.length - 10);
        return named;
    }

    @Test
    void aHeaderThatUnpacksToNothingMayHaveSoManyBytes() throws IOException {
        for (int header : new int[]{8_192, 8_193}) {
            byte[] packed = gzip(random(100), header);
            if (header == 8_192) {
                unpack(packed);
            } else {
                assertThatThrownBy(() -> unpack(packed)).isInstanceOf(RequestException.class).hasMessage("the body unpacks to nothing");
            }
        }
    }

    @Test
    void whatIsPackedIsReadByteByByteToo() throws IOException {
        byte[] plain = {0, 'x', (byte) 0xff};
        try (GzipBody in = GzipBody.of(new ByteArrayInputStream(gzip(plain)), LIMIT)) {
            assertThat(new int[]{in.read(), in.read(), in.read(), in.read()}).containsExactly(0, 'x', 0xff, -1);
        }
    }

    @Test
    void packedBytesAreBoundedAsUnpackedOnesAre() throws IOException {
        byte[] noise = new byte[1_000];
        new SplittableRandom(7).nextBytes(noise);
        byte[] packed = gzip(noise);
        assertThat(packed).hasSizeGreaterThan(noise.length);
        try (GzipBody in = GzipBody.of(new ByteArrayInputStream(packed), new BodyLimit(packed.length, "limit"))) {
            assertThat(in.readAllBytes()).isEqualTo(noise);
        }
        assertThatThrownBy(() -> {
            try (GzipBody in = GzipBody.of(new ByteArrayInputStream(packed), new BodyLimit(packed.length - 1, "limit"))) {
                in.readAllBytes();
            }
        }).isInstanceOf(RequestException.class);
    }
}
