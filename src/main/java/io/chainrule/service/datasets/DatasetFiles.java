package io.chainrule.service.datasets;

import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.OwnerOnly;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreProperties;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.service.store.TemporaryFiles;
import io.chainrule.service.store.UploadProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** The files of data sets that the service keeps, each once, named by the SHA-256 of its bytes. */
@Component
class DatasetFiles {
    private static final Logger LOG = LoggerFactory.getLogger(DatasetFiles.class);
    static final String PART = ".part";
    private static final String DRAFT = "draft-";
    private static final Pattern OURS = Pattern.compile("[0-9a-f]{64}|[0-9a-f-]{36}\\" + PART);

    private static final Duration UNTIL_OTHERS_GO = Duration.ofSeconds(5);
    private static final List<String> LIBRARY_FOLDERS = List.of("org.xerial.snappy.tempdir", "ZstdTempFolder");

    private final Store store;
    private final TemporaryFiles temporary;
    private final Path data;
    private final long keepFree;
    private final @Nullable Path shared;

    DatasetFiles(Store store, TemporaryFiles temporary, StoreProperties properties, DatasetProperties datasets,
            UploadProperties uploads) {
        this.store = store;
        this.temporary = temporary;
        data = properties.folder();
        keepFree = uploads.keepFree();
        shared = datasets.directory() == null ? null : datasets.directory().toAbsolutePath().normalize();
    }

    /** Whether files may be kept: others that use the same database have to find them. */
    boolean isShared() {
        return shared != null || store.isEmbedded();
    }

    /** Whether a folder is named in which replicas may share the files. */
    boolean hasSharedFolder() {
        return shared != null;
    }

    Path folder() {
        return shared == null ? data.resolve("datasets") : shared;
    }

    /** Makes the folder of the files, and the data directory, if they are not there. */
    void makeFolder() throws IOException {
        OwnerOnly.makeFolder(data);
        OwnerOnly.makeFolder(folder());
    }

    /**
     * Has the libraries that pack and unpack Parquet put their native code into the folder of this start, since temporary folders of
     * systems often forbid to execute files. A library that could not load its code once does not try again, so this comes before the
     * first use.
     */
    void prepareLibraries() throws IOException {
        String folder = temporary.folder().toString();
        for (String property : LIBRARY_FOLDERS) {
            String known = System.getProperty(property);
            if (known == null || !Files.isDirectory(Path.of(known))) {
                System.setProperty(property, folder);
            }
        }
    }

    /** Throws {@link OverloadedException} if the disk where files are kept has no room for so many bytes more. */
    void checkRoom(long more) {
        if (room() < more) {
            throw new OverloadedException(OverloadedException.Resource.DISK, "the disk of data sets has no room for this "
                    + "(chainrule.datasets.directory, or else chainrule.data-directory; chainrule.uploads.keep-free stays free)",
                    UNTIL_OTHERS_GO);
        }
    }

    /** The free bytes of that disk less {@code chainrule.uploads.keep-free}; negative if the disk has less than that. */
    long room() {
        try {
            makeFolder();
            return Files.getFileStore(folder()).getUsableSpace() - keepFree;
        } catch (IOException e) {
            throw store.unavailable(e);
        }
    }

    /**
     * Brings a file to the disk of the others. What is answered only has to get its name. Throws {@link StoreUnavailableException} if that
     * cannot be done, and as {@link #checkRoom(long)} if the file has to be copied to another disk.
     *
     * @param stays whether the file is a draft's, which keeps it where files can have two names
     */
    Path bring(Path file, boolean stays) {
        try {
            return stays ? link(file) : move(file);
        } catch (IOException e) {
            throw store.unavailable(e);
        }
    }

    private Path move(Path file) throws IOException {
        makeFolder();
        Path part = folder().resolve(UUID.randomUUID() + PART);
        try {
            Files.move(file, part, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException _) {
            checkRoom(Files.size(file));
            try {
                Files.copy(file, part);
                OwnerOnly.restrict(part);
                DatasetDraft.force(part);
            } catch (IOException e) {
                Files.deleteIfExists(part);
                throw e;
            }
        }
        return part;
    }

    /** Makes a hard link to a file of a draft, which the draft keeps until it is stored. Moves the file where there are no hard links. */
    private Path link(Path file) throws IOException {
        Path part = folder().resolve(UUID.randomUUID() + PART);
        try {
            return Files.createLink(part, file);
        } catch (UnsupportedOperationException | FileSystemException e) {
            LOG.debug("The file {} gets no second name", file, e);
            return Files.move(file, part, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * Removes what {@link #bring} has answered if it got no name. A file that had to be moved from its draft is moved back there, unless
     * the draft was removed meanwhile. Throws {@link UncheckedIOException} if that cannot be done.
     */
    static void takeBack(Path part, Path file, boolean stays) {
        try {
            if (stays && Files.exists(part) && Files.notExists(file)) {
                moveBack(part, file);
            }
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void moveBack(Path part, Path file) throws IOException {
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Another attempt has stored the results and ended the job. The caller fails for a reason of its own.
            LOG.debug("The draft of {} was removed", file, e);
        }
    }

    /** Whether the disk has a file that is kept. */
    boolean has(String name) {
        return Files.isReadable(folder().resolve(name));
    }

    /** The path of a file that is kept. Throws {@link StoreUnavailableException} if the disk does not have it, which may not be mounted. */
    Path kept(String name) {
        Path file = folder().resolve(name);
        if (!has(name)) {
            throw away(file, new NoSuchFileException(file.toString()));
        }
        return file;
    }

    /** The exception for a file that is kept and cannot be read now, since its disk may come back. The log tells where it should be. */
    static StoreUnavailableException away(Path file, FileSystemException cause) {
        LOG.warn("The file {} of a data set cannot be read; chainrule.data-directory or chainrule.datasets.directory sets where it is",
                file);
        return new StoreUnavailableException(cause);
    }

    /**
     * Gives a file its name, in place of another that has the same bytes. The name is there also if the machine stops now. Throws
     * {@link UncheckedIOException} if that cannot be done.
     */
    void place(Path part, String name) {
        try {
            Files.move(part, folder().resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (FileChannel folder = FileChannel.open(folder(), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException e) {
            LOG.debug("This system does not write folders to the disk at once", e);
        }
    }

    static void deleteIfExists(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void remove(String name) throws IOException {
        Files.deleteIfExists(folder().resolve(name));
    }

    /** The parts of a data set that is being made; {@code id} tells drafts apart, and is part of a name of a folder. */
    DatasetDraft draft(String id) {
        return new DatasetDraft(this, folder().resolve(DRAFT + id));
    }

    /** Removes the drafts to which nobody has written since a time. Drafts whose names are in {@code kept} stay. */
    void removeDrafts(Instant since, Set<String> kept) throws IOException {
        if (Files.isDirectory(folder())) {
            try (DirectoryStream<Path> drafts = Files.newDirectoryStream(folder(), DRAFT + "*")) {
                for (Path draft : drafts) {
                    boolean isKept = kept.contains(String.valueOf(draft.getFileName()).substring(DRAFT.length()));
                    if (!isKept && isOlder(draft, since)) {
                        FileSystemUtils.deleteRecursively(draft);
                    }
                }
            }
        }
    }

    /** The names of files of ours that nobody has modified since a time. */
    List<String> old(Instant since) throws IOException {
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(folder())) {
            return names;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder())) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (OURS.matcher(name).matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && isOlder(file, since)) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static boolean isOlder(Path file, Instant since) throws IOException {
        try {
            return Files.getLastModifiedTime(file).compareTo(FileTime.from(since)) < 0;
        } catch (NoSuchFileException _) {
            return false;
        }
    }
}
