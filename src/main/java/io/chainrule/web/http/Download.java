package io.chainrule.web.http;

import io.chainrule.service.run.RequestTime;
import io.chainrule.service.run.Turn;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRange;
import org.springframework.http.MediaType;
import org.springframework.web.context.request.ServletWebRequest;

/** An answer that is a file, sent while it is made, so that it may be longer than what fits into memory. */
public final class Download {
    /** The media type of such files. */
    public static final String ZIP = "application/zip";

    private static final int PIECE = 1 << 16;
    /** The headers that describe a file. They are removed if a problem is answered instead. */
    private static final List<String> OF_FILES = List.of(HttpHeaders.ETAG, HttpHeaders.ACCEPT_RANGES, HttpHeaders.CONTENT_RANGE,
            ContentDigest.REPR_DIGEST, HttpHeaders.CONTENT_DISPOSITION);
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);

    private Download() {}

    /** Bytes of a file from {@code from} to before {@code end}. */
    private record Part(long from, long end) {}

    /** What writes the file. */
    @FunctionalInterface
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    /** Whether what is answered is a file, which is sent while it is made. */
    static boolean isSent(HttpServletResponse response) {
        return response.getHeader(HttpHeaders.CONTENT_DISPOSITION) != null;
    }

    /**
     * Sends a file that stands on the disk, or the part of it that {@code Range} names (RFC 9110, 14), so that a client that was cut off
     * can go on. Several parts, and a header that names none, are answered with all of it.
     *
     * @throws RequestException if the file has nothing of what {@code Range} names
     * @param sha256 of its bytes, in hexadecimal; also what the file is known by
     */
    public static void file(HttpServletRequest request, HttpServletResponse response, MediaType type, String name, Path file,
            String sha256) throws IOException {
        String tag = "\"" + sha256 + "\"";
        try (FileChannel channel = opened(file)) {
            response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
            if (new ServletWebRequest(request, response).checkNotModified(tag)) {
                return;
            }
            long length = channel.size();
            Part part = HttpMethod.GET.matches(request.getMethod()) ? part(request, response, tag, length) : null;
            response.setHeader(ContentDigest.REPR_DIGEST, ContentDigest.text(sha256));
            if (part == null) {
                part = new Part(0, length);
            } else {
                response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
                response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes " + part.from() + "-" + (part.end() - 1) + "/" + length);
            }
            channel.position(part.from());
            long bytes = part.end() - part.from();
            send(request, response, type.toString(), name, bytes, bytes, out -> {
                InputStream in = Channels.newInputStream(channel);
                try {
                    RequestTime.ignoring(() -> Turn.whileClientIsWaitedFor(() -> copy(in, bytes, out)));
                } catch (UncheckedIOException e) {
                    throw e.getCause();
                }
            });
        }
    }

    /** Throws {@link StoreUnavailableException} if the file cannot be opened, as where the disk is away: it was there a moment before. */
    private static FileChannel opened(Path file) {
        try {
            return FileChannel.open(file);
        } catch (IOException e) {
            throw new StoreUnavailableException(e);
        }
    }

    private static @Nullable Part part(HttpServletRequest request, HttpServletResponse response, String tag, long length) {
        String ifRange = request.getHeader(HttpHeaders.IF_RANGE);
        if (ifRange != null && !ifRange.equals(tag)) {
            return null;
        }
        String header = request.getHeader(HttpHeaders.RANGE);
        List<HttpRange> ranges;
        try {
            ranges = HttpRange.parseRanges(header);
        } catch (IllegalArgumentException _) {
            // A range that cannot be read is to be ignored.
            return null;
        }
        if (!ranges.isEmpty() && ranges.stream().allMatch(range -> range.getRangeStart(length) >= length)) {
            response.setHeader(HttpHeaders.ETAG, null);
            response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + length);
            throw new RequestException(ErrorDetail.of(ProblemType.RANGE_NOT_SATISFIABLE, "the file has " + length + " bytes")
                    .expected("a Range that begins before byte " + length, header));
        }
        return ranges.size() == 1 ? new Part(ranges.getFirst().getRangeStart(length), ranges.getFirst().getRangeEnd(length) + 1) : null;
    }

    /** Throws {@link StoreUnavailableException} if the file cannot be read, and {@link UncheckedIOException} if the client has gone. */
    private static void copy(InputStream in, long bytes, OutputStream out) {
        byte[] piece = new byte[PIECE];
        for (long left = bytes; left > 0;) {
            int read = read(in, piece, (int) Math.min(piece.length, left));
            try {
                out.write(piece, 0, read);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            left -= read;
        }
    }

    private static int read(InputStream in, byte[] piece, int most) {
        try {
            int read = in.read(piece, 0, most);
            if (read < 0) {
                throw new EOFException("the file is shorter than it was");
            }
            return read;
        } catch (IOException e) {
            throw new StoreUnavailableException(e);
        }
    }

    /**
     * Sends a file. If it cannot be completed once some of it has been sent, the connection is ended, so that the client sees that it is
     * not complete.
     *
     * @param size about how many bytes it has; so many are charged before it is sent
     */
    public static void send(HttpServletRequest request, HttpServletResponse response, String name, long size, Content content)
            throws IOException {
        send(request, response, ZIP, name, -1, size, content);
    }

    private static void send(HttpServletRequest request, HttpServletResponse response, String type, String name, long length,
            long size, Content content) throws IOException {
        response.setContentType(type);
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment().filename(name).build().toString());
        if (length >= 0) {
            response.setContentLengthLong(length);
        }
        if (HttpMethod.HEAD.matches(request.getMethod())) {
            return;
        }
        try {
            Standing standing = Standing.of(request);
            standing.take(size);
            OutputStream out = new Asking(response.getOutputStream(), standing);
            content.write(out);
            out.flush();
        } catch (IOException | RuntimeException e) {
            if (!response.isCommitted() && e instanceof RuntimeException) {
                OF_FILES.forEach(header -> response.setHeader(header, null));
                response.setContentLengthLong(-1);
                throw e;
            }
            if (e instanceof RuntimeException && !(e instanceof CancellationException)) {
                if (!(e instanceof RequestException)) {
                    LOG.warn("A file could not be sent to its end", e);
                }
                // Its answer has no place any more, but the log and the meters tell why.
                Problems.body(request, e);
            } else {
                request.setAttribute(Problems.CODE_ATTRIBUTE,
                        e instanceof SocketTimeoutException ? Problems.SLOW_CLIENT : Problems.CLIENT_GONE);
            }
            ClientConnection connection = ClientConnection.of(request);
            if (connection != null) {
                connection.end();
            }
        }
    }

    /** Asks before each piece whether the client is still let in. */
    private static final class Asking extends FilterOutputStream {
        private final Standing standing;

        Asking(OutputStream out, Standing standing) {
            super(out);
            this.standing = standing;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            standing.check();
            out.write(bytes, from, length);
        }
    }
}
