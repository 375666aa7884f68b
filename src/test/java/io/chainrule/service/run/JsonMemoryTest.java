package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonMemoryTest {

    /** Three bytes for each, and for what stands between marks a number in each of three copies. */
    @Test
    void aBodyTakesMemoryByItsBytesAndMarks() {
        String text = "xx{\"a\":[1,23]}xx";
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        assertThat(JsonMemory.of(body, 2, body.length - 4)).isEqualTo(3 * 12 + 26 * 4);
        assertThat(JsonMemory.of(body, 0, 2)).isEqualTo(6);
        assertThat(JsonMemory.of(body, 2, 0)).isZero();
        assertThat(JsonMemory.of(text)).isEqualTo(3 * 16 + 26 * 4);
        assertThat(JsonMemory.kept(text)).isEqualTo(16 + 8 * 4);
    }
}
