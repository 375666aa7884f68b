package io.chainrule.web.http;

import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.TemporaryFiles;
import io.chainrule.service.store.UploadProperties;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Receives the bodies of {@link UploadRoute}s. They are written to the disk as they come, so that they take neither memory nor a permit to
 * compute. There is no deadline, but a client has to send at the minimum rate.
 */
@Component
final class Uploads {
    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
    private static final int PIECE = 1 << 16;
    private static final Duration UNTIL_ANOTHER_ENDS = Duration.ofSeconds(5);
    /** Whenever so many bytes have come, it is looked again whether there is room for more. */
    private static final long BETWEEN_LOOKS = 1 << 22;

    private final List<UploadRoute> routes;
    private final TemporaryFiles files;
    private final HttpProperties pace;
    private final UploadProperties properties;
    private final Arrivals arrivals;

    Uploads(ObjectProvider<UploadRoute> routes, TemporaryFiles files, HttpProperties pace, UploadProperties properties) {
        this.routes = routes.stream().toList();
        this.files = files;
        this.pace = pace;
        this.properties = properties;
        arrivals = new Arrivals(properties.atOnce());
    }

    /** The route of a request; empty if its body is none of these files. */
    Optional<UploadRoute> route(HttpServletRequest request) {
        return routes.stream().filter(route -> route.takes(request)).findFirst();
    }

    /** Refuses a request to store something if its body is neither a file nor JSON. The body is not read for that. */
    void checkType(HttpServletRequest request) {
        routes.stream().filter(route -> route.isFor(request)).forEach(route -> route.checkType(request));
    }

    /** Receives a body. Throws what refuses it, after which nothing of it is on the disk. */
    Upload receive(HttpServletRequest request, UploadRoute route, @Nullable ClientConnection connection) throws IOException {
        BodyLimit limit = route.limit();
        long announced = request.getContentLengthLong();
        ContentDigest expected = ContentDigest.of(request);
        if (announced > limit.bytes()) {
            throw limit.exceeded(String.valueOf(announced));
        }
        Arrivals.Arrival arrival = begin(request, route);
        boolean hasCome = false;
        try {
            arrival.check();
            checkFree(Math.max(0, announced));
            UploadPace paced = new UploadPace(pace, System::nanoTime);
            Upload upload = connection == null
                    ? written(request, limit, paced, arrival)
                    : connection.whilePaced(paced::isTooSlow, () -> written(request, limit, paced, arrival));
            try {
                expected.check(upload.sha256());
            } catch (RuntimeException e) {
                upload.close();
                throw e;
            }
            upload.noteAt(request);
            hasCome = true;
            return upload;
        } finally {
            if (!hasCome) {
                arrival.close();
            }
        }
    }

    private Arrivals.Arrival begin(HttpServletRequest request, UploadRoute route) {
        Arrivals.Arrival arrival = arrivals.begin(request, route);
        if (arrival == null) {
            throw new OverloadedException(OverloadedException.Resource.UPLOADS,
                    "as many files are being sent, or wait to be stored, as may be at once, which is "
                            + properties.atOnce() + ", and " + arrivals.ofOneClient() + " of one client (chainrule.uploads.at-once)",
                    UNTIL_ANOTHER_ENDS);
        }
        return arrival;
    }

    private void checkFree(long more) {
        try {
            if (files.free() - more < properties.keepFree()) {
                throw withoutRoom();
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private static OverloadedException withoutRoom() {
        return new OverloadedException(OverloadedException.Resource.DISK, "the disk of the service has no room for this file "
                + "(chainrule.data-directory; chainrule.uploads.keep-free stays free)", UNTIL_ANOTHER_ENDS);
    }

    private static OverloadedException unwritable(IOException cause) {
        LOG.warn("A file that a client sent could not be written: {}", cause.getMessage());
        return withoutRoom();
    }

    private Upload written(HttpServletRequest request, BodyLimit limit, UploadPace paced, Arrivals.Arrival arrival) throws IOException {
        Path file;
        try {
            file = files.make();
        } catch (IOException e) {
            throw unwritable(e);
        }
        try {
            return written(file, request, limit, paced, arrival);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(file);
            if (e instanceof IOException && (e.getCause() instanceof SocketTimeoutException || paced.isTooSlow())) {
                throw paced.tooSlow();
            }
            throw e;
        }
    }

    private Upload written(Path file, HttpServletRequest request, BodyLimit limit, UploadPace paced, Arrivals.Arrival arrival)
            throws IOException {
        InputStream body = request.getInputStream();
        MessageDigest digest = DigestUtils.getSha256Digest();
        byte[] piece = new byte[PIECE];
        long length = 0;
        Standing standing = Standing.of(request);
        try (Written out = new Written(file)) {
            for (int read = read(body, piece, paced); read >= 0; read = read(body, piece, paced)) {
                length += read;
                if (length > limit.bytes()) {
                    throw limit.exceeded("more than " + limit.bytes());
                }
                if (paced.isTooSlow()) {
                    throw paced.tooSlow();
                }
                standing.check();
                digest.update(piece, 0, read);
                out.write(piece, read);
                if (length == read || length / BETWEEN_LOOKS != (length - read) / BETWEEN_LOOKS) {
                    checkFree(0);
                    arrival.came(length);
                }
            }
            arrival.came(length);
            out.keep();
        } finally {
            RequestCost.noteReceived(request, length);
        }
        return new Upload(file, length, HexFormat.of().formatHex(digest.digest()), arrival::close);
    }

    private static int read(InputStream body, byte[] piece, UploadPace paced) throws IOException {
        paced.await();
        int read = body.read(piece);
        paced.came(Math.max(0, read));
        return read;
    }

    /** A file that is written. That the disk takes no more is told as what it is, and not as a client that has gone. */
    private static final class Written implements AutoCloseable {
        private final FileChannel channel;

        Written(Path file) throws IOException {
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
        }

        void write(byte[] piece, int length) {
            try {
                ByteBuffer rest = ByteBuffer.wrap(piece, 0, length);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
            } catch (IOException e) {
                throw unwritable(e);
            }
        }

        /** Has the disk keep what was written, also if the machine stops now. */
        void keep() {
            try {
                channel.force(true);
            } catch (IOException e) {
                throw unwritable(e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }
}
