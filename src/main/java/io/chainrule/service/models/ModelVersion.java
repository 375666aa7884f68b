package io.chainrule.service.models;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A version of a model as it is listed.
 *
 * @param version from 1 on
 * @param digest of its definition
 * @param bytes of its definition and of the values that it keeps
 * @param deletedAt null if it is not deleted
 */
public record ModelVersion(String name, int version, String digest, long bytes, @Nullable String description, @Nullable String licence,
        List<String> tags, Instant createdAt, @Nullable Instant deletedAt) {
    public ModelVersion {
        tags = List.copyOf(tags);
    }

    ModelVersion numbered(int number) {
        return new ModelVersion(name, number, digest, bytes, description, licence, tags, createdAt, deletedAt);
    }
}
