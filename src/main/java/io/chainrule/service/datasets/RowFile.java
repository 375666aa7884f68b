package io.chainrule.service.datasets;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file whose rows are read. Somebody may replace it, or a folder above it, by a link after it was checked. Therefore whoever opens it
 * walks down from the root, and follows no link.
 *
 * @param path where it is; its real path if there is a root
 * @param root the real path of the allowed root that contains it; null for a file of the service, to which nobody else can write
 */
record RowFile(Path path, @Nullable Path root) {
    /** The JDK copies what is read through memory outside of the heap, as long as what is asked for, which the thread keeps. */
    private static final int MOST_AT_ONCE = 1 << 19;

    @FunctionalInterface
    private interface Use<T> {
        T of(SecureDirectoryStream<Path> folder, Path name) throws IOException;
    }

    static RowFile own(Path path) {
        return new RowFile(path, null);
    }

    /** The name by which a data set of these files knows it; empty if it is the only one. */
    String nameAmong(List<RowFile> files) {
        return files.size() == 1 ? "" : String.valueOf(path.getFileName());
    }

    /** Throws {@link ProblemException} if there is a link where the file was. */
    FileChannel open() throws IOException {
        return root == null ? FileChannel.open(path, StandardOpenOption.READ) : withoutLinks(root, (folder, name) -> {
            // To open a pipe would wait for somebody who writes.
            attributes(folder, name);
            return (FileChannel) folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        });
    }

    /** The same as a stream, from the first byte. */
    InputStream stream() throws IOException {
        return Channels.newInputStream(open());
    }

    /** The length of the file, and when it was modified. Throws as {@link #open}. */
    BasicFileAttributes attributes() throws IOException {
        return root == null ? Files.readAttributes(path, BasicFileAttributes.class) : withoutLinks(root, this::attributes);
    }

    private BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        BasicFileAttributes found = folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
        if (!found.isRegularFile()) {
            throw replaced();
        }
        return found;
    }

    /** Reads some of the next bytes into an array; returns how many, or −1 at the end of the file. */
    static int read(FileChannel file, byte[] into, int from, int most) throws IOException {
        return file.read(ByteBuffer.wrap(into, from, Math.min(most, MOST_AT_ONCE)));
    }

    private <T> T withoutLinks(Path allowed, Use<T> use) throws IOException {
        // A root may be a file.
        Path first = path.equals(allowed) ? Objects.requireNonNull(allowed.getParent()) : allowed;
        try (DirectoryStream<Path> folder = Files.newDirectoryStream(first)) {
            if (!(folder instanceof SecureDirectoryStream<Path> secure)) {
                throw new IOException("this system cannot open files without following links");
            }
            return below(secure, first.relativize(path), use);
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            if (isReplaced()) {
                throw replaced();
            }
            throw e;
        }
    }

    private static <T> T below(SecureDirectoryStream<Path> folder, Path rest, Use<T> use) throws IOException {
        if (rest.getNameCount() == 1) {
            return use.of(folder, rest);
        }
        try (SecureDirectoryStream<Path> next = folder.newDirectoryStream(rest.getName(0), LinkOption.NOFOLLOW_LINKS)) {
            return below(next, rest.subpath(1, rest.getNameCount()), use);
        }
    }

    private boolean isReplaced() {
        try {
            return !path.toRealPath().equals(path);
        } catch (IOException _) {
            return true;
        }
    }

    private ProblemException replaced() {
        return new ProblemException(Problem.of(ProblemCode.INVALID_VALUE,
                "the file '" + path.getFileName() + "' is none any more, or there is a link on the way to it")
                .hint("put the location of the data set again"));
    }
}
