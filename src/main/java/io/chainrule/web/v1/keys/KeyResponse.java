package io.chainrule.web.v1.keys;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.Scope;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A key, without what only its owner knows, unless it has just been made. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record KeyResponse(@Schema(example = "5f0c8a61b2d4") String id, String owner, List<String> scopes,
        @JsonProperty("created_at") String createdAt,
        @JsonProperty("expires_at") @Nullable String expiresAt, @JsonProperty("revoked_at") @Nullable String revokedAt, KeyQuotas quotas,
        @Schema(description = "The key itself. It is told this once: only its hash is kept") @Nullable String key) {

    static KeyResponse of(ApiKey key, @Nullable String secret) {
        return new KeyResponse(key.id(), key.owner(), key.allows().stream().map(Scope::text).toList(), key.createdAt().toString(),
                text(key.expiresAt()), text(key.revokedAt()),
                new KeyQuotas(key.requests(), key.computeSeconds(), key.bytes(), key.trainings()), secret);
    }

    private static @Nullable String text(@Nullable Object time) {
        return time == null ? null : Objects.toString(time);
    }
}
