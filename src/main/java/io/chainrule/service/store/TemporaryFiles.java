package io.chainrule.service.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * Files that are needed while a request runs, as those that clients send. They stand in {@code uploads} in the data directory, in a folder
 * for each start of the service. The folder is locked as long as its process runs. A later start removes the folders without a lock, so
 * that a process that was killed leaves nothing, and replicas that share the directory leave each other's files alone.
 */
@Component
public class TemporaryFiles implements SmartInitializingSingleton, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(TemporaryFiles.class);
    private static final String LOCK = "lock";
    /** Held while folders are made or removed, so that none is removed before it is locked. */
    private static final ReentrantLock CHANGING = new ReentrantLock();
    /** Locks of files belong to processes, so that a process has to know which folders are its own. */
    private static final Set<Path> OWN = new HashSet<>();

    private final Path data;
    private final Path all;
    private @Nullable Path own;
    private @Nullable FileChannel lock;

    public TemporaryFiles(StoreProperties properties) {
        data = properties.folder();
        all = data.resolve("uploads");
    }

    /** Makes an empty file that nobody else may read. Whoever asked for it moves or deletes it. */
    public Path make() throws IOException {
        Path file = folder().resolve(UUID.randomUUID().toString());
        OwnerOnly.makeFile(file);
        return file;
    }

    /** The bytes that the disk of these files has left. */
    public long free() throws IOException {
        return Files.getFileStore(folder()).getUsableSpace();
    }

    /** Work that no other start of the service does at the same time. */
    private interface Change {
        void run() throws IOException;
    }

    private void alone(Change change) throws IOException {
        CHANGING.lock();
        try (FileChannel channel = FileChannel.open(all.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            change.run();
        } finally {
            CHANGING.unlock();
        }
    }

    /** The folder of this start. */
    public synchronized Path folder() throws IOException {
        Path known = own;
        if (known != null && Files.isDirectory(known)) {
            return known;
        }
        OwnerOnly.makeFolder(data);
        OwnerOnly.makeFolder(all);
        Path made = all.resolve(UUID.randomUUID().toString());
        alone(() -> {
            OwnerOnly.makeFolder(made);
            lock = FileChannel.open(made.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock.lock();
            OWN.add(made);
        });
        own = made;
        return made;
    }

    /** Removes what starts have left that do not run any more. */
    @Override
    public void afterSingletonsInstantiated() {
        if (!Files.isDirectory(all, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            alone(() -> {
                try (DirectoryStream<Path> folders = Files.newDirectoryStream(all,
                        file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))) {
                    for (Path folder : folders) {
                        if (isLeft(folder)) {
                            FileSystemUtils.deleteRecursively(folder);
                        }
                    }
                }
            });
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("What an earlier start has left in {} could not be removed: {}", all, e.getMessage());
        }
    }

    private static boolean isLeft(Path folder) throws IOException {
        if (OWN.contains(folder)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            return held != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    @Override
    public synchronized void destroy() throws IOException {
        Path known = own;
        FileChannel held = lock;
        own = null;
        if (known != null && held != null) {
            alone(() -> {
                held.close();
                OWN.remove(known);
                FileSystemUtils.deleteRecursively(known);
            });
        }
    }
}
