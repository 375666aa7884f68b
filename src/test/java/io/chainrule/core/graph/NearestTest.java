package io.chainrule.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> KNOWN = List.of("tanh", "sin", "sigmoid", "add", "log", "log1p", "x", "y", "weights");

    @ParameterizedTest
    @CsvSource({"tahn,tanh", "Tanh,tanh", "sigmod,sigmoid", "sigmioid,sigmoid", "simgoid,sigmoid", "sn,", "ad,", "lgo,log",
            "weigths,weights",
            "log1,log", "Weight,weights", "sigm,", "X,x", "z,", "xz,", "qqq,", "'',"})
    void the_name_within_two_edits_or_fewer_of_a_short_name(String name, @Nullable String nearest) {
        assertThat(Nearest.name(name, KNOWN).orElse(null)).isEqualTo(nearest);
    }

    /** Only pairs of beginnings that may be near each other are compared, which makes no difference. */
    @Test
    void names_are_as_far_from_each_other_as_all_edits_say() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            String name = word(random);
            List<String> known = Stream.generate(() -> word(random)).limit(4).toList();
            int most = name.length() <= 4 ? 1 : 2;
            Optional<String> nearest = known.stream().filter(other -> other.length() > 2 && Nearest.distance(name, other) <= most)
                    .min(Comparator.comparingInt(other -> Nearest.distance(name, other)));
            assertThat(Nearest.name(name, known)).as("%s of %s", name, known).isEqualTo(nearest);
        }
    }

    private static String word(Random random) {
        return random.ints(random.nextInt(3, 9), 'a', 'd').mapToObj(Character::toString).collect(Collectors.joining());
    }

    /** In small letters İ has two characters, so that such a name is longer there. */
    @ParameterizedTest
    @CsvSource({"İİİİ,loss,", "loss,İİİİ,", "İİİİİ,İİİİx,İİİİx", "xİİİ,İİİİ,", "İiii,i̇iii,i̇iii"})
    void names_that_are_longer_in_small_letters(String name, String known, @Nullable String nearest) {
        assertThat(Nearest.name(name, List.of(known)).orElse(null)).isEqualTo(nearest);
        assertThat(Nearest.all(name, List.of(known))).isEqualTo(Stream.ofNullable(nearest).toList());
    }

    @Test
    void the_first_of_equally_near_names() {
        assertThat(Nearest.hint("lob", List.of("lot", "log"))).contains("did you mean 'lot'?");
    }

    @Test
    void nothing_for_names_too_long_or_too_many() {
        assertThat(Nearest.name("x".repeat(65), List.of("x".repeat(65)))).isEmpty();
        assertThat(Nearest.name("tahn", List.of())).isEmpty();
        assertThat(Nearest.name("tahn", Collections.nCopies(1_000_000, "completely different"))).isEmpty();
    }
}
