package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.chainrule.web.problem.RequestException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands behind the question mark of an address. */
class LinkQueryTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            # sent    | value
            a=        | ""
            a         | ""
            a=b       | b
            a=b=c     | b=c
            a=%41     | A
            a=%41%2b  | A+
            a=%2B%2b1 | ++1
            a=x+y     | x y
            a=%C3%a9  | é
            %61=é     | é
            &&a=1&    | 1
            """)
    void isDecodedAsAFormIs(String sent, String value) {
        assertThat(LinkQuery.of(sent).values()).isEqualTo(Map.of("a", List.of(value)));
    }

    @Test
    void namesMayStandTwiceAndBeEmpty() {
        LinkQuery query = LinkQuery.of("b=1&a+c=%32&b=+&=x");
        assertThat(query.values()).isEqualTo(Map.of("b", List.of("1", " "), "a c", List.of("2"), "", List.of("x")));
        assertThat(query.raw()).isEqualTo(Map.of("b", List.of("1", "+"), "a c", List.of("%32"), "", List.of("x")));
        assertThat(LinkQuery.of(null).values()).isEmpty();
        assertThat(LinkQuery.of("").values()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%", "a=%4", "a=1%", "a=%g1", "a=%1g", "a=%%41", "%4=1", "a=% 41"})
    void aPercentSignNeedsTwoDigits(String query) {
        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> LinkQuery.of(query))
                .withMessageContaining("hexadecimal digits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%ff", "a=%C3", "%C3%28=1", "a=%C0%80"})
    void isInUtf8(String query) {
        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> LinkQuery.of(query)).withMessageContaining("UTF-8");
    }

    @ParameterizedTest
    @CsvSource({"a=x+y, true", "a=+, true", "a=x%2By, false", "a=x, false", "b=x+y, false", "a=x&a=+y, true"})
    void tellsWhichValuesHaveAPlus(String sent, boolean hasPlus) {
        assertThat(LinkQuery.of(sent).hasPlus("a")).isEqualTo(hasPlus);
    }

    @Test
    void marksThePluses() {
        assertThat(LinkQuery.of("a=x+%2B%20y&a=+").marked("a", '!')).containsExactly("x!+ y", "!");
        assertThat(LinkQuery.of("a=x").marked("b", '!')).isEmpty();
    }
}
