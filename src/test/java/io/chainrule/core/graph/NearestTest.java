package io.chainrule.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
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
