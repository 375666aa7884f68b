package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many places one client gets, and how many all clients together. */
class ClientPlacesTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 1", "8, 4", "9, 4"})
    void oneClientHasHalfOfThem(int all, int ofOne) {
        ClientPlaces places = new ClientPlaces(all);
        assertThat(places.ofOneClient()).isEqualTo(ofOne);
        for (int i = 0; i < ofOne; i++) {
            assertThat(places.take("ana")).isTrue();
        }
        assertThat(places.take("ana")).isFalse();
        int ofOthers = 0;
        while (places.take("other " + ofOthers)) {
            ofOthers++;
        }
        assertThat(ofOthers).isEqualTo(all - ofOne);
        places.leave("ana");
        assertThat(places.take("ana")).isTrue();
        assertThat(places.take("ana")).isFalse();
    }

    @Test
    void aClientMayHaveAnotherNumber() {
        ClientPlaces places = new ClientPlaces(4);
        for (int i = 0; i < 3; i++) {
            assertThat(places.take("ana", 3)).isTrue();
        }
        assertThat(places.take("ana", 3)).isFalse();
        assertThat(places.take("bob", 3)).isTrue();
    }
}
