package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.web.problem.RequestException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client has so long in all, and after a grace of 5 s has to move 1000 bytes a second. */
class ClientPaceTest {
    private static final Duration MOST = Duration.ofSeconds(60);

    private static HttpProperties properties(Duration grace) {
        return new HttpProperties(MOST, MOST, MOST, 1_000, grace, 0);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, false", "0, 4.9, false", "0, 5, false", "0, 5.1, true", "99, 5.1, true", "100, 5.1, false", "10000, 14, false",
            "10000, 15, false",
            "9999, 15, true", "10000, 15.1, true", "1000000, 59, false", "1000000, 60, false", "1000000, 60.1, true"})
    void isTooSlow(long bytes, double seconds, boolean isTooSlow) {
        assertThat(new ClientPace(properties(Duration.ofSeconds(5)), MOST).isTooSlow(bytes, Math.round(seconds * 1e9)))
                .isEqualTo(isTooSlow);
    }

    @Test
    void timeRunsFromItsBeginning() {
        assertThat(new ClientPace(properties(Duration.ofHours(1)), Duration.ofHours(1)).isTooSlow(0)).isFalse();
        assertThat(new ClientPace(properties(Duration.ZERO), Duration.ZERO).isTooSlow(Long.MAX_VALUE)).isTrue();
    }

    /** Writes go on in pieces, so that a client is looked at between them. */
    @Test
    void anAnswerIsSentInPieces() throws IOException {
        List<Integer> pieces = new ArrayList<>();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        PacedStream out = new PacedStream(new OutputStream() {
            @Override
            public void write(int value) {
                all.write(value);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                pieces.add(length);
                all.write(bytes, from, length);
            }
        }, new ClientPace(properties(Duration.ofHours(1)), MOST));
        byte[] answer = new byte[2 * PacedStream.PIECE + 5];
        for (int i = 0; i < answer.length; i++) {
            answer[i] = (byte) (i * 31);
        }
        out.write(answer, 1, answer.length - 1);
        out.write(7);
        assertThat(pieces).containsExactly(PacedStream.PIECE, PacedStream.PIECE, 4);
        assertThat(out.written()).isEqualTo(answer.length);
        byte[] sent = all.toByteArray();
        assertThat(sent).hasSize(answer.length).endsWith((byte) 7);
        assertThat(Arrays.copyOf(sent, sent.length - 1)).isEqualTo(Arrays.copyOfRange(answer, 1, answer.length));
    }

    @Test
    void aClientThatReadsTooSlowlyGetsNoMore() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        PacedStream out = new PacedStream(all, new ClientPace(properties(Duration.ZERO), Duration.ZERO));
        assertThatThrownBy(() -> out.write(new byte[3 * PacedStream.PIECE])).isInstanceOf(SocketTimeoutException.class);
        assertThat(out.written()).isEqualTo(all.size()).isEqualTo(PacedStream.PIECE);
    }

    /** Neither is a client looked at again where an answer ends with a piece. */
    @Test
    void nothingIsSentBehindTheLastPiece() throws IOException {
        List<Integer> pieces = new ArrayList<>();
        PacedStream out = new PacedStream(new OutputStream() {
            @Override
            public void write(int value) {
                pieces.add(1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                pieces.add(length);
            }
        }, new ClientPace(properties(Duration.ofHours(1)), MOST));
        out.write(new byte[PacedStream.PIECE]);
        out.write(new byte[0]);
        assertThat(pieces).containsExactly(PacedStream.PIECE);
    }

    @Test
    void theRefusalTellsThePaceThatWasExpected() {
        RequestException refusal = new ClientPace(properties(Duration.ofMillis(2_500)), MOST).bodyTooSlow(7);
        assertThat(refusal.errors()).singleElement().satisfies(error -> {
            assertThat(error.expected()).isEqualTo("all of it within 60 s (chainrule.http.body-time), and after 2.5 s"
                    + " (chainrule.http.grace) 1000 bytes a second (chainrule.http.minimum-rate)");
            assertThat(error.actual()).matches("7 bytes in \\d{1,2}(\\.\\d{1,3})? s");
        });
    }
}
