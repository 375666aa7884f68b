package io.chainrule.web.v1.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.Scope;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.RequestException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request for a key wishes, or all that is wrong with it. */
class KeyMapperTest {
    private static final List<String> SCOPES = List.of("compute", "train");

    private static List<ErrorDetail> errors(KeyRequest request) {
        return catchThrowableOfType(RequestException.class, () -> KeyMapper.wish(request)).errors();
    }

    @Test
    void aWishHasAllThatIsAskedFor() {
        ApiKeys.Wish wish = KeyMapper.wish(new KeyRequest("ana", SCOPES, "2199-01-31T01:00:00+01:00",
                new KeyQuotas(Quotas.MOST, Quotas.MOST_SECONDS, 0L, Integer.MAX_VALUE)));
        assertThat(wish.owner()).isEqualTo("ana");
        assertThat(wish.scopes()).containsExactlyInAnyOrder(Scope.of("compute").orElseThrow(), Scope.of("train").orElseThrow());
        assertThat(wish.expiresAt()).isEqualTo(Instant.parse("2199-01-31T00:00:00Z"));
        assertThat(wish.quotas()).isEqualTo(new ApiKeys.OwnQuotas(Quotas.MOST, Quotas.MOST_SECONDS, 0L, Integer.MAX_VALUE));
        assertThat(KeyMapper.wish(new KeyRequest("𝒂na", SCOPES, "9999-12-31T23:59:59Z", null)).expiresAt())
                .isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
        ApiKeys.Wish least = KeyMapper.wish(new KeyRequest("x".repeat(100), SCOPES, null, null));
        assertThat(least.expiresAt()).isNull();
        assertThat(least.quotas()).isEqualTo(new ApiKeys.OwnQuotas(null, null, null, null));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "a\u0000b", "a\nb", "a\ud800b", "\udc00"})
    void anOwnerHasAName(@Nullable String owner) {
        assertThat(errors(new KeyRequest(owner, SCOPES, null, null))).singleElement().satisfies(error -> {
            assertThat(error.pointer()).isEqualTo("/owner");
            assertThat(error.actual()).isEqualTo(owner == null ? "none" : owner.length() + " characters");
        });
    }

    @Test
    void theNameOfAnOwnerIsShort() {
        assertThat(errors(new KeyRequest("x".repeat(101), SCOPES, null, null))).singleElement()
                .satisfies(error -> assertThat(error.actual()).isEqualTo("101 characters"));
    }

    @Test
    void eachScopeThatIsNoneIsNamed() {
        assertThat(errors(new KeyRequest("ana", Arrays.asList("compute", "fly", null), null, null))).extracting(ErrorDetail::pointer)
                .containsExactly("/scopes/1", "/scopes/2");
        assertThat(errors(new KeyRequest("ana", List.of(), null, null))).extracting(ErrorDetail::pointer).containsExactly("/scopes");
        assertThat(errors(new KeyRequest("ana", null, null, null))).extracting(ErrorDetail::actual).containsExactly("none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2030-01-31", "tomorrow", "2020-01-31T00:00:00Z", "2030-13-01T00:00:00Z", "+10000-01-01T00:00:00Z",
            "+999999999-12-31T23:59:59Z"})
    void theEndIsATimeToCome(String time) {
        assertThat(errors(new KeyRequest("ana", SCOPES, time, null))).singleElement().satisfies(error -> {
            assertThat(error.pointer()).isEqualTo("/expires_at");
            assertThat(error.actual()).contains(time.startsWith("2020") ? time : "");
        });
    }

    @ParameterizedTest
    @CsvSource({"-1, 0, 0, 0, requests", "0, -1, 0, 0, compute_seconds", "0, 0, -1, 0, bytes", "0, 0, 0, -1, trainings",
            "1000000000001, 0, 0, 0, requests", "0, 100000001, 0, 0, compute_seconds", "0, 0, 1000000000001, 0, bytes"})
    void quotasAreWithinBounds(long requests, long seconds, long bytes, int trainings, String name) {
        assertThat(errors(new KeyRequest("ana", SCOPES, null, new KeyQuotas(requests, seconds, bytes, trainings)))).singleElement()
                .satisfies(error -> assertThat(error.pointer()).isEqualTo("/quotas/" + name));
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        assertThat(errors(new KeyRequest(null, null, "never", new KeyQuotas(-1L, null, null, -1)))).extracting(ErrorDetail::pointer)
                .containsExactly("/owner", "/scopes", "/expires_at", "/quotas/requests", "/quotas/trainings");
    }
}
