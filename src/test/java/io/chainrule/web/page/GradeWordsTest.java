package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.grade.Mistake;
import io.chainrule.core.grade.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The page has words for all that a line of a backward pass can be, and for nothing else. */
class GradeWordsTest {

    @ParameterizedTest
    @ValueSource(strings = {"en", "ko"})
    void areThoseOfTheAnswers(String language) throws IOException {
        Stream<String> codes = Stream.concat(Stream.of(Mistake.values()).map(mistake -> "mistake." + mistake.code()),
                Stream.of(Verdict.values()).map(verdict -> "verdict." + verdict.code()));
        try (InputStream in = Objects.requireNonNull(GradeWordsTest.class.getResourceAsStream("/page/messages/" + language + ".json"))) {
            assertThat(JsonMapper.shared().readTree(in).propertyNames().stream().filter(key -> key.matches("(mistake|verdict)\\..*")))
                    .containsExactlyInAnyOrderElementsOf(codes.toList());
        }
    }
}
