package io.chainrule.service.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a key allows, until when, and how much. */
class ApiKeyTest {
    private static final Instant END = Instant.parse("2026-01-01T00:00:00Z");

    private static ApiKey key(String scopes, @Nullable Instant expires, @Nullable Instant revoked) {
        return new ApiKey("id", "hash", "owner", scopes, Instant.EPOCH, expires, revoked, null, null, null, null);
    }

    @Test
    void endsAtItsEnd() {
        ApiKey key = key("compute", END, null);
        assertThat(key.isExpired(END.minusMillis(1))).isFalse();
        assertThat(key.isExpired(END)).isTrue();
        assertThat(key.isUsable(END.minusMillis(1))).isTrue();
        assertThat(key.isUsable(END)).isFalse();
        assertThat(key("compute", null, null).isExpired(Instant.MAX)).isFalse();
        assertThat(key("compute", null, END).isUsable(Instant.EPOCH)).as("a key that was revoked").isFalse();
        assertThat(key("compute", null, END).isRevoked()).isTrue();
        assertThat(key.isRevoked()).isFalse();
    }

    @Test
    void allowsItsScopesAndNoOthers() {
        assertThat(key("compute models:write", null, null).allows()).containsExactlyInAnyOrder(Scope.COMPUTE, Scope.MODELS_WRITE);
        assertThat(key("", null, null).allows()).isEmpty();
        assertThat(key("administrator Compute compute,admin", null, null).allows()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aScopeIsFoundByItsText(Scope scope) {
        assertThat(Scope.of(scope.text())).contains(scope);
        assertThat(Scope.of(scope.name())).isEmpty();
        assertThat(Scope.all("x " + scope.text())).isEqualTo(EnumSet.of(scope));
    }

    @Test
    void hasQuotasOfItsOwnAndElseTheDefaults() {
        Quotas standard = new Quotas(1, 2, 3, 4);
        assertThat(key("compute", null, null).quotas(standard)).isEqualTo(standard);
        assertThat(new ApiKey("id", "hash", "owner", "", Instant.EPOCH, null, null, 10L, 20L, 30L, 0).quotas(standard))
                .isEqualTo(new Quotas(10, 20, 30, 0));
    }

    /** Whether others can still be made. */
    @ParameterizedTest
    @CsvSource({"admin, false, false, true", "compute, false, false, false", "admin, true, false, false", "admin, false, true, false"})
    void makesKeysWhileItIsUsableAndOfScopeAdmin(String scopes, boolean isExpired, boolean isRevoked, boolean makes) {
        ApiKey key = key(scopes, isExpired ? Instant.EPOCH : Instant.MAX, isRevoked ? Instant.EPOCH : null);
        assertThat(ApiKeys.haveAdmin(List.of(key("compute", null, null), key))).isEqualTo(makes);
        assertThat(ApiKeys.haveAdmin(List.of())).isFalse();
    }

    @Test
    void isKnownByItsSha256() {
        assertThat(ApiKeys.hash("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    /** Names are kept for hours, and anybody may send long ones. */
    @Test
    void aClientWithALongNameIsStillAnother() {
        Quotas quotas = new Quotas(0, 0, 0, 0);
        assertThat(new Client("n".repeat(100), quotas).name()).isEqualTo("n".repeat(100));
        String first = new Client("n".repeat(100) + "1", quotas).name();
        assertThat(first).startsWith("n".repeat(40) + "#").hasSize(81);
        assertThat(new Client("n".repeat(100) + "2", quotas).name()).isNotEqualTo(first);
    }
}
