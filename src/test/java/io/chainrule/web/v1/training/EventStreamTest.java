package io.chainrule.web.v1.training;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.chainrule.core.language.Language;
import io.chainrule.core.training.HistoryEntry;
import io.chainrule.service.training.TrainingCall;
import io.chainrule.web.json.StrictMapper;
import io.chainrule.web.v1.EventStream;
import io.chainrule.web.v1.ResponseMapper;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Events that a client reads at its own pace, and the progress of a training told by them. */
@Timeout(180)
class EventStreamTest {
    private static final Pattern STEPS = Pattern.compile("\"steps_done\":(\\d+)");

    /** A client that reads, or has gone, or keeps what is written waiting. */
    private static final class Client extends MockHttpServletResponse {
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        private final AtomicInteger flushes = new AtomicInteger();
        private volatile boolean isGone;

        String read() {
            return sent.toString(StandardCharsets.UTF_8);
        }

        @Override
        public ServletOutputStream getOutputStream() {
            return new ServletOutputStream() {
                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setWriteListener(WriteListener listener) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void write(int b) throws IOException {
                    write(new byte[]{(byte) b});
                }

                @Override
                public void write(byte[] bytes) throws IOException {
                    if (isGone) {
                        throw new IOException("broken pipe");
                    }
                    sent.write(bytes);
                }

                @Override
                public void flush() {
                    flushes.incrementAndGet();
                }
            };
        }
    }

    private final Client client = new Client();
    private final EventStream events = new EventStream(client, StrictMapper.make());

    private static TrainingCall.Step step(int done) {
        return new TrainingCall.Step(done, 10, 0.5, new HistoryEntry(done, 1, 2, null, Map.of(), 3, 0.1));
    }

    private TrainStream training() {
        return new TrainStream(events, new ResponseMapper(null, Language.EN));
    }

    /** The steps that were told, in their order. */
    private String steps() {
        return String.join(" ", STEPS.matcher(client.read()).results().map(found -> found.group(1)).toList());
    }

    /** The most specific range of the header says how welcome a form is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text/event-stream                               | true
            application/json                                | false
            */*                                             | false
            text/event-stream, */*                          | true
            text/event-stream, application/json             | false
            text/event-stream;q=0.9, application/json       | false
            text/event-stream, application/json;q=0.9       | true
            text/event-stream;q=0.1, */*                    | false
            text/*, */*;q=0.5                               | true
            text/event-stream;charset=UTF-8, */*;q=0.1      | true
            nonsense                                        | false
            """)
    void areSentToWhomTheyAreMoreWelcomeThanOneAnswer(String accept, boolean isWanted) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.addHeader("Accept", accept);
        assertThat(EventStream.isWanted(request)).isEqualTo(isWanted);
        assertThat(EventStream.isWanted(new MockHttpServletRequest())).as("without the header").isFalse();
    }

    @Test
    void noProxyMayKeepOrGatherEvents() {
        events.begin();
        assertThat(client.getContentType()).isEqualTo("text/event-stream;charset=UTF-8");
        assertThat(client.getHeader("Cache-Control")).isEqualTo("no-store");
        assertThat(client.getHeader("X-Accel-Buffering")).isEqualTo("no");
    }

    @Test
    void eachEventIsSentAtOnce() {
        events.send("one", Map.of("x", 1));
        assertThat(client.flushes).hasValue(1);
        events.sendComment();
        assertThat(client.flushes).hasValue(2);
        assertThat(client.read()).isEqualTo("event: one\ndata: {\"x\":1}\n\n:\n\n");
    }

    @Test
    void aClientThatHasGoneIsNoticedByWhatIsSent() {
        assertThatCode(events::check).doesNotThrowAnyException();
        client.isGone = true;
        assertThat(events.isGone()).isFalse();
        events.sendComment();
        assertThat(events.isGone()).isTrue();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(events::check);
        assertThatExceptionOfType(CancellationException.class).isThrownBy(training()::check);
    }

    /** Between steps there are comments, and each step is told once. */
    @Test
    void aTrainingTellsWhatIsNewAndCommentsOtherwise() {
        try (TrainStream training = training()) {
            training.begins(10);
            await().untilAsserted(() -> assertThat(client.read()).contains(":\n\n:\n\n"));
            assertThat(steps()).isEqualTo("0");
            training.made(step(1));
            await().untilAsserted(() -> assertThat(steps()).isEqualTo("0 1"));
            int until = client.read().length();
            await().untilAsserted(() -> assertThat(client.read().substring(until)).contains(":\n\n:\n\n"));
            training.made(step(2));
            training.made(step(3));
        }
        assertThat(steps()).matches("0 1 (2 )?3");
        assertThat(client.read()).contains("\"steps_in_all\":10,\"seconds_left\":0.5,\"latest\":{\"step\":3,");
    }

    @Test
    void aCurveHasItsFirstStepAlsoIfManyWereMadeAtOnce() {
        TrainStream training = training();
        training.begins(10);
        for (int i = 1; i <= 9; i++) {
            training.made(step(i));
        }
        training.close();
        assertThat(steps()).startsWith("0 1 ").endsWith(" 9");
    }

    @Test
    void nothingIsWrittenAfterTheEnd() throws InterruptedException {
        TrainStream training = training();
        training.begins(10);
        training.made(step(1));
        training.close();
        String read = client.read();
        Thread.sleep(300);
        assertThat(client.read()).isEqualTo(read);
    }

    @Test
    void aTrainingThatNeverBeganWritesNothing() {
        training().close();
        assertThat(client.read()).isEmpty();
    }

    /** So that what writes the answer may write after it. */
    @Test
    void theEndWaitsForWhatIsBeingWrittenAlsoIfInterrupted() throws Exception {
        TrainStream training = training();
        training.begins(10);
        FutureTask<Boolean> end = new FutureTask<>(() -> {
            training.close();
            return Thread.currentThread().isInterrupted();
        });
        Thread ending;
        synchronized (events) {
            training.made(step(1));
            Thread.sleep(300);
            ending = Thread.ofPlatform().start(end);
            await().until(() -> ending.getState() == Thread.State.WAITING);
            ending.interrupt();
            Thread.sleep(100);
            assertThat(end.isDone()).as("ended while the other thread writes").isFalse();
        }
        assertThat(end.get()).as("still interrupted").isTrue();
        assertThat(steps()).isEqualTo("0 1");
    }
}
