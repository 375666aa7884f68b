package io.chainrule.web.http;

import io.chainrule.service.store.ArrivingFile;
import io.chainrule.web.problem.Problems;
import jakarta.servlet.http.HttpServletRequest;
import java.util.HashSet;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * Requests whose bodies are files: {@code PUT} to a name. Such a body is kept on the disk, and may be longer than other bodies.
 *
 * @param path what stands before the name, with a slash at its end
 * @param types the media types of these files
 * @param bytes the longest of them
 * @param property that sets this limit
 * @param check throws what refuses a request before its body is read, or while it comes
 */
public record UploadRoute(String path, Set<MediaType> types, long bytes, String property, Check check) {
    /**
     * Checks a request of which the name is known. It is asked before the body comes, and of one whose length is not told again and again
     * while it comes.
     */
    @FunctionalInterface
    public interface Check {
        void check(HttpServletRequest request, String name, ArrivingFile file);
    }

    private String rest(HttpServletRequest request) {
        String path = request.getServletPath();
        return path.startsWith(path()) ? path.substring(path().length()) : "";
    }

    boolean takes(HttpServletRequest request) {
        return isFor(request) && hasType(request, types);
    }

    /** Whether a request stores something of this route, by a file or by JSON. */
    boolean isFor(HttpServletRequest request) {
        return HttpMethod.PUT.matches(request.getMethod()) && !rest(request).isEmpty() && !rest(request).contains("/");
    }

    private static boolean hasType(HttpServletRequest request, Set<MediaType> types) {
        try {
            String type = request.getContentType();
            return type != null && types.stream().anyMatch(MediaType.parseMediaType(type)::equalsTypeAndSubtype);
        } catch (InvalidMediaTypeException _) {
            return false;
        }
    }

    /** Throws {@link io.chainrule.web.problem.RequestException} if a body is neither a file of this route nor JSON. */
    void checkType(HttpServletRequest request) {
        Set<MediaType> all = new HashSet<>(types);
        all.add(MediaType.APPLICATION_JSON);
        if (!hasType(request, all)) {
            throw Problems.unsupported(request.getContentType(), all);
        }
    }

    BodyLimit limit() {
        return new BodyLimit(bytes, property);
    }

    void check(HttpServletRequest request, ArrivingFile file) {
        check.check(request, rest(request), file);
    }
}
