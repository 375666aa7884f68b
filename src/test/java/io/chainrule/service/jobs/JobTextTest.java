package io.chainrule.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The data of events. */
class JobTextTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "2.5 | `{\"step\":1}` | `{\"done\":1,\"total\":4,\"seconds_left\":2.5,\"latest\":{\"step\":1}}`",
            "0   |              | `{\"done\":1,\"total\":4,\"seconds_left\":0.0}`",
            "-1  |              | `{\"done\":1,\"total\":4}`"})
    void progressTellsWhatIsKnown(double left, String latest, String expected) {
        assertThat(JobText.progress(new JobProgress(1, 4, 1, left, 0, 0, latest))).isEqualTo(expected);
    }
}
