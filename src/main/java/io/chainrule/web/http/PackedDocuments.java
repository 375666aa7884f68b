package io.chainrule.web.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Keeps what does not change from request to request, as the files of pages and the OpenAPI document, packed by gzip: packing is most of
 * the work of sending it. The keys are digests of the contents, so that it makes no difference how a client writes an address.
 */
final class PackedDocuments {
    /** All documents together take a fifth of it. */
    private static final long MOST_BYTES = 8 << 20;

    private final Cache<String, byte[]> packed = Caffeine.newBuilder().maximumWeight(MOST_BYTES)
            .weigher((String _, byte[] bytes) -> bytes.length).build();

    /** The packed form of a document, which callers share and do not change. */
    byte[] of(byte[] document) {
        return packed.get(DigestUtils.sha256Hex(document), _ -> pack(document));
    }

    private static byte[] pack(byte[] document) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    long count() {
        return packed.estimatedSize();
    }
}
