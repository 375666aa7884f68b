package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client has to send 1000 bytes a second, and may be behind that by 5 s. */
class UploadPaceTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private long now = 17;
    private final UploadPace pace = new UploadPace(new HttpProperties(LONG, LONG, LONG, 1_000, Duration.ofSeconds(5), 0), () -> now);

    private void pass(double seconds) {
        now += Math.round(seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /** The client is waited for so long, and then sends so much. */
    private void comes(double seconds, int bytes) {
        pace.await();
        pass(seconds);
        pace.came(bytes);
    }

    private boolean isTooSlowAfter(double seconds) {
        pace.await();
        pass(seconds);
        return pace.isTooSlow();
    }

    @Test
    void nothingMayComeForTheGrace() {
        assertThat(isTooSlowAfter(4.9)).isFalse();
        assertThat(isTooSlowAfter(5.1)).isTrue();
    }

    @Test
    void whoKeepsTheRateMayGoOnForever() {
        for (int i = 0; i < 10_000; i++) {
            comes(4, 4_000);
            assertThat(pace.isTooSlow()).isFalse();
        }
    }

    /** However much it has sent before. */
    @Test
    void whoWasFastMayNotStallForLonger() {
        comes(0.1, 1_000_000_000);
        assertThat(isTooSlowAfter(4.9)).isFalse();
        assertThat(isTooSlowAfter(5.1)).isTrue();
    }

    @Test
    void whoIsSlowerThanTheRateIsBehindMoreAndMore() {
        int seconds = 0;
        while (!pace.isTooSlow()) {
            comes(1, 900);
            seconds++;
        }
        assertThat(seconds).isEqualTo(51);
    }

    @Test
    void timeOfTheDiskIsNotTheClients() {
        comes(4, 10);
        pass(3_600);
        assertThat(pace.isTooSlow()).isFalse();
        assertThat(isTooSlowAfter(0.9)).isFalse();
        assertThat(isTooSlowAfter(1.2)).isTrue();
    }

    @Test
    void theRefusalTellsThePaceThatWasExpected() {
        comes(2, 7);
        assertThat(pace.tooSlow().errors()).singleElement().satisfies(error -> {
            assertThat(error.expected()).isEqualTo("1000 bytes a second (chainrule.http.minimum-rate), and never 5 s"
                    + " (chainrule.http.grace) later than that");
            assertThat(error.actual()).isEqualTo("7 bytes in 2 s");
        });
    }
}
