package io.chainrule.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the answer of a job is written. */
class JobResultTest {
    private static final List<byte[]> PARTS = List.of(new byte[]{1, 2}, new byte[]{3, 4}, new byte[]{5});

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void aPartIsReadOnceTheOneBeforeItIsWritten() throws IOException {
        new JobResult(5, number -> {
            assertThat(written.size()).isEqualTo(2 * number);
            return PARTS.get(number);
        }).writeTo(written);
        assertThat(written.toByteArray()).containsExactly(1, 2, 3, 4, 5);
    }

    /** Also if it was removed between the look at the job and the look at its answer, so that the length is 0. */
    @Test
    void whatIsRemovedMeanwhileDoesNotPassForTheAnswer() {
        for (long length : new long[]{0, 5}) {
            assertThatThrownBy(() -> new JobResult(length, _ -> {
                throw new UnknownJobException("a");
            }).writeTo(written)).isInstanceOf(UnknownJobException.class);
        }
    }
}
