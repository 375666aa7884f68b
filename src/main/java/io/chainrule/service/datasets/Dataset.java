package io.chainrule.service.datasets;

import io.chainrule.service.store.ArrivingFile;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A data set as it is listed.
 *
 * @param version counts what has been stored under this name, from 1 on
 * @param location the URL where its files are; null if the service keeps the file
 * @param sha256 of the bytes of its files in the order of their rows, in hexadecimal; empty if the service cannot read the location
 * @param bytes of its files
 * @param rows −1 if the service cannot read the location
 */
public record Dataset(String owner, String name, int version, DatasetFormat format, @Nullable String location, String sha256, long bytes,
        long rows, Instant createdAt) {
    /** Whether the files are where an engine of this machine can read them. */
    public boolean isLocal() {
        return rows >= 0;
    }

    Dataset counted(long count) {
        return new Dataset(owner, name, version, format, location, sha256, bytes, count, createdAt);
    }

    Dataset numbered(int number) {
        return new Dataset(owner, name, number, format, location, sha256, bytes, rows, createdAt);
    }

    /** Whether a file that comes may equal the stored one. Its SHA-256 is null if the client has not told it. */
    boolean mayBe(ArrivingFile file, @Nullable String digest) {
        return location == null && (file.isWhole() ? file.bytes() == bytes : file.bytes() <= bytes)
                && (digest == null || digest.equals(sha256));
    }

    /** Whether storing the other in its place would change nothing, but for what is found in the files. */
    boolean isSame(Dataset other) {
        return format == other.format && Objects.equals(location, other.location) && sha256.equals(other.sha256)
                && bytes == other.bytes;
    }
}
