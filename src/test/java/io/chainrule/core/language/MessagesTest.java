package io.chainrule.core.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Family;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The messages of all languages say the same. */
class MessagesTest {
    private static final Set<String> PAIRS = Set.of("을/를", "은/는", "이/가", "과/와", "으로/로");

    @ParameterizedTest
    @EnumSource(Language.class)
    void haveTheSameKeysAndArguments(Language language) {
        assertThat(language.messages().keySet()).isEqualTo(Language.EN.messages().keySet());
        for (String key : language.messages().keySet()) {
            assertThat(arguments(language, key)).as(key).isEqualTo(arguments(Language.EN, key));
        }
    }

    private static Set<String> arguments(Language language, String key) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Language.ARGUMENT.matcher(language.messages().getOrDefault(key, ""));
        while (matcher.find()) {
            found.add(matcher.group(1));
            assertThat(matcher.group(2) == null || PAIRS.contains(matcher.group(2))).as(key + " " + matcher.group(2)).isTrue();
        }
        return found;
    }

    @Test
    void putTheParticleBehindTheArgument() {
        assertThat(Language.KO.text("term.scalar", "mul_1", "x", "2", "3", "6")).isEqualTo("mul_1이 x를 읽는다. 상류 기울기 2 × 국소 기울기 3 = 6.");
        assertThat(Language.EN.text("term.scalar", "mul_1", "x", "2", "3", "6"))
                .isEqualTo("mul_1 reads x: upstream gradient 2 × local gradient 3 = 6.");
    }

    @Test
    void takeArgumentsAsTheyAre() {
        assertThat(Language.KO.text("unreached", "{1:을/를}", "$0\\")).isEqualTo("{1:을/를}은 $0\\에 이르지 않으므로 기울기는 0이다.");
    }

    /** The cards of functions show them. */
    @Test
    void tellTheConventionsOfElementwiseOps() {
        assertThat(OpCatalogue.all().stream().filter(op -> op.family() == Family.ELEMENTWISE && op.convention() != null)
                .filter(op -> !Phrase.ofEnglish("convention", Objects.requireNonNull(op.convention())).isIn(Language.KO))
                .map(OpDefinition::name)).isEmpty();
    }
}
