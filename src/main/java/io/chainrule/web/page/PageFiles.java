package io.chainrule.web.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The page's own files, in {@code src/main/resources/page}. Their address has a version that changes with any byte of them, so that
 * browsers may keep them.
 */
final class PageFiles {
    private static final String FOLDER = "/page/";

    private final Map<String, Resource> files;

    PageFiles() {
        try {
            files = new TreeMap<>();
            for (Resource file : new PathMatchingResourcePatternResolver().getResources("classpath:page/**/*.*")) {
                String path = file.getURL().getPath();
                files.put(path.substring(path.lastIndexOf(FOLDER) + FOLDER.length()), file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(String path) {
        return new String(bytes(path), StandardCharsets.UTF_8);
    }

    /** Returns a digest of all names and contents. */
    String version() {
        MessageDigest digest = DigestUtils.getSha256Digest();
        for (String path : files.keySet()) {
            digest.update(path.getBytes(StandardCharsets.UTF_8));
            digest.update(bytes(path));
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    }

    private byte[] bytes(String path) {
        Resource file = files.get(path);
        if (file == null) {
            throw new IllegalArgumentException("the page has no file " + path);
        }
        try {
            return file.getContentAsByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
