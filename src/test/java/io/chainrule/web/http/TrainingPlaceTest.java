package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

/** One of the trainings that a client may have at once ends with the training or with its request, and only once. */
class TrainingPlaceTest {
    private final MockHttpServletRequest request = new MockHttpServletRequest();

    @Test
    void aTrainingEndsOnce() {
        AtomicInteger ended = new AtomicInteger();
        TrainingPlace.note(request, ended::incrementAndGet);
        assertThat(ended).hasValue(0);
        TrainingPlace.end(request);
        assertThat(ended).hasValue(1);
        TrainingPlace.end(request);
        assertThat(ended).hasValue(1);
    }

    @Test
    void whatTrainsNothingHasNothingToEnd() {
        TrainingPlace.end(request);
        assertThat(request.getAttributeNames().hasMoreElements()).isFalse();
    }
}
