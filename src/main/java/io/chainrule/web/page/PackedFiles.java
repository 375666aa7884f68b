package io.chainrule.web.page;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.resource.AbstractResourceResolver;
import org.springframework.web.servlet.resource.HttpResource;
import org.springframework.web.servlet.resource.ResourceResolverChain;

/**
 * Keeps each file that was asked for, compressed by gzip. The server would read it from its jar and compress it again for each visitor,
 * which takes half of the time in which it sends the page.
 */
final class PackedFiles extends AbstractResourceResolver {
    private static final Pattern GZIP = Pattern.compile("(?i)(?:^|,)\\s*(?:x-)?gzip\\s*(?:,|$|;\\s*q\\s*=\\s*(?!0(?:\\.0*)?\\s*(?:,|$)))");

    private final Map<String, Resource> packed = new ConcurrentHashMap<>();

    @Override
    protected @Nullable Resource resolveResourceInternal(@Nullable HttpServletRequest request, String path,
            List<? extends Resource> locations, ResourceResolverChain chain) {
        String accepted = request == null ? null : request.getHeader(HttpHeaders.ACCEPT_ENCODING);
        if (accepted == null || !GZIP.matcher(accepted).find()) {
            return chain.resolveResource(request, path, locations);
        }
        return packed.computeIfAbsent(path, name -> {
            Resource file = chain.resolveResource(request, name, locations);
            return file == null ? null : Packed.of(file);
        });
    }

    @Override
    protected @Nullable String resolveUrlPathInternal(String path, List<? extends Resource> locations, ResourceResolverChain chain) {
        return chain.resolveUrlPath(path, locations);
    }

    private static final class Packed extends ByteArrayResource implements HttpResource {
        private final Resource file;

        private Packed(byte[] bytes, Resource file) {
            super(bytes, file.getDescription());
            this.file = file;
        }

        static Packed of(Resource file) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                out.write(file.getContentAsByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new Packed(bytes.toByteArray(), file);
        }

        @Override
        public @Nullable String getFilename() {
            return file.getFilename();
        }

        @Override
        public long lastModified() throws IOException {
            return file.lastModified();
        }

        @Override
        public HttpHeaders getResponseHeaders() {
            HttpHeaders headers = new HttpHeaders();
            headers.set(HttpHeaders.CONTENT_ENCODING, "gzip");
            headers.add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
            return headers;
        }
    }
}
