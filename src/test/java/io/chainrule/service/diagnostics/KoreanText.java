package io.chainrule.service.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.language.Language;
import java.util.List;
import java.util.stream.Stream;

/** What holds of every diagnostic that is told in Korean. */
public final class KoreanText {
    private KoreanText() {}

    /** Sentences in Korean, without a place that was not filled and without English words beside names. */
    public static void check(List<Diagnostic> diagnostics) {
        for (Diagnostic diagnostic : diagnostics) {
            Stream.of(diagnostic.message(Language.KO), diagnostic.remedy(Language.KO)).filter(text -> text != null).forEach(
                    text -> assertThat(text).containsPattern("[가-힣]").endsWith(".").doesNotContain("  ", "{", "..")
                            .doesNotContainPattern("[A-Za-z]{2,},? [A-Za-z]{2,}"));
            assertThat(diagnostic.remedy(Language.KO) == null).isEqualTo(diagnostic.remedy(Language.EN) == null);
        }
    }
}
