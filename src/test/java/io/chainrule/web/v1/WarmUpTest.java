package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.chainrule.web.HttpTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What the service does before it is ready; nobody would hear that it fails. */
class WarmUpTest extends HttpTest {
    @Autowired
    private WarmUp warmUp;

    @Test
    void itsExampleIsAnswered() {
        assertThatCode(warmUp::answerExample).doesNotThrowAnyException();
    }
}
