package io.chainrule.service.datasets;

import io.chainrule.service.store.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.springframework.util.FileSystemUtils;

/**
 * The parts of a data set that is being made. They stay for whoever goes on with the work, on any replica, until the draft is removed. A
 * part has the same bytes whoever writes it, so that it does not matter which one of several writers comes last.
 */
public final class DatasetDraft {
    private final List<Path> outer;
    private final Path folder;

    DatasetDraft(List<Path> outer, Path folder) {
        this.outer = outer;
        this.folder = folder;
    }

    /** Makes an empty file for a part, or for what is made of all parts. Nobody sees it as a part until {@link #keep}. */
    public Path begin() throws IOException {
        for (Path each : outer) {
            OwnerOnly.makeFolder(each);
        }
        OwnerOnly.makeFolder(folder);
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
        Path file = folder.resolve(UUID.randomUUID() + DatasetFiles.PART);
        OwnerOnly.makeFile(file);
        return file;
    }

    /** Makes a file a part, once its bytes are on the disk. */
    public void keep(Path file, int part) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(file, part(part), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Where a part is. */
    public Path part(int number) {
        return folder.resolve(Integer.toString(number));
    }

    /** Whether a part is there. Parts that nobody has written to for long may have been removed. */
    public boolean has(int number) {
        return Files.isRegularFile(part(number));
    }

    /** The bytes of all files that are there. */
    public long bytes() throws IOException {
        long bytes = 0;
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    bytes += size(file);
                }
            }
        }
        return bytes;
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException _) {
            return 0;
        }
    }

    /** The bytes that the disk has left. */
    public long free() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /** Removes everything. */
    public void remove() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }
}
