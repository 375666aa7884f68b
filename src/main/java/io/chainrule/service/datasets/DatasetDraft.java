package io.chainrule.service.datasets;

import io.chainrule.service.store.OwnerOnly;
import io.chainrule.service.store.StorageQuotaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * The parts of a data set that a job makes. They stay until the draft is removed, so that another attempt at the job, on any replica, goes
 * on with them. Two attempts may write the same part, which then has the same bytes in both.
 */
public final class DatasetDraft {
    /** The suffix of files that are begun and are not parts yet. */
    public static final String BEGUN = DatasetFiles.PART;
    /** A row of JSON Lines has fewer bytes than this. */
    public static final long LONGEST_ROW = ByteWindow.LONGEST_ROW;
    /** What a column has to be called, as messages tell it. */
    public static final String COLUMN = Scan.NAME;
    /** A number in JSON has at most 24 bytes, and a comma follows it. */
    private static final long BYTES_A_NUMBER = 25;
    /** UTF-8 takes no more for a character of Java. */
    private static final long BYTES_A_CHARACTER = 3;
    /** Of a name, two quotes, a colon, and a bracket or comma before it. */
    private static final long BYTES_A_NAME = 4;
    /** Of an array, or of one within it, two brackets and a comma. */
    private static final long BYTES_OF_BRACKETS = 3;
    private static final String WHOLE = "-whole";
    /** The file that tells later attempts what {@link #most} was. It is written again when that has grown by a part of itself. */
    private static final String ROOM = "room";
    private static final int PART_OF_ROOM = 16;
    private static final Pattern NAME = Pattern.compile("[0-9a-f-]{1,64}" + Pattern.quote(BEGUN));

    private final DatasetFiles files;
    private final Path folder;
    /** The most bytes that the draft and the free room of the disk have had together; less than 0 if this attempt does not know. */
    private long most = -1;

    DatasetDraft(DatasetFiles files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    /** Begins an attempt: makes the folder. */
    public void open() throws IOException {
        files.makeFolder();
        // Parts in Parquet are packed, and the file that they become is read, by libraries with native code.
        files.prepareLibraries();
        OwnerOnly.makeFolder(folder);
        touch();
    }

    /** Makes an empty file for a part. Nobody takes it for a part before it is moved there. */
    public Path begin() throws IOException {
        touch();
        Path file = folder.resolve(UUID.randomUUID() + BEGUN);
        OwnerOnly.makeFile(file);
        return file;
    }

    /** Marks the draft as in use. A draft that nobody has marked for long is removed, unless its job has not ended. */
    public void touch() throws IOException {
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
    }

    /** The folder in which files are begun. */
    public Path folder() {
        return folder;
    }

    /** The path of a file that another process has begun. Throws {@link IllegalArgumentException} if no such file has this form of name. */
    public Path begun(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("no file that is begun is called '" + name + "'");
        }
        return folder.resolve(name);
    }

    /** Has the bytes of a file written to the disk. */
    public static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Where a part is, or shall be. Parts that nobody has written to for long may have been removed. */
    public Path part(String name) {
        return folder.resolve(name);
    }

    /** The file that is made of all parts of a name, in several attempts; an empty one if there is none. */
    public Path whole(String name) throws IOException {
        Path file = part(name + WHOLE);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            OwnerOnly.makeFile(file);
        }
        return file;
    }

    /** The bytes of the file that {@link #whole} returns. */
    public long bytesOfWhole(String name) throws IOException {
        return bytes(part(name + WHOLE));
    }

    /**
     * Throws if the disk has no room for what is about to be written: {@link io.chainrule.service.run.OverloadedException} if others have
     * filled it; and {@link StorageQuotaException} if this draft takes more than it has ever had room for, in this attempt or an earlier
     * one, so that it would be in vain to wait until others make room.
     *
     * @param more the bytes that are about to be written
     * @param own the bytes that the draft has
     * @param inAll the bytes that it is thought to take in the end
     */
    public void checkRoom(long more, long own, long inAll) {
        try {
            long before = most < 0 ? ofEarlierAttempts() : most;
            long room = files.room();
            if (room < more && before >= 0) {
                StorageQuotaException.check("chainrule.uploads.keep-free", "bytes that the disk of data sets has room for",
                        Math.max(own + more, inAll), before, "have the job write less, or delete data sets that are not needed");
            }
            files.checkRoom(more);
            most = Math.max(before, own + room);
            if (before < 0 || most - before > before / PART_OF_ROOM) {
                Path file = Files.writeString(begin(), Long.toString(most));
                force(file);
                Files.move(file, part(ROOM), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long ofEarlierAttempts() throws IOException {
        try {
            return Long.parseLong(Files.readString(part(ROOM)));
        } catch (NoSuchFileException _) {
            return -1;
        }
    }

    /**
     * Lists what earlier attempts have left, which would count for the owner's quota: files that they had begun when they were killed.
     * Returns what removes these files, and none that are made later, since a later attempt never gives a file one of their names.
     *
     * @param all whether parts and the files that were made of them are listed as well, since nobody goes on with them
     */
    public Runnable clearing(boolean all) {
        List<Path> left = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                if (all ? !file.endsWith(ROOM) : String.valueOf(file.getFileName()).endsWith(BEGUN)) {
                    left.add(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return () -> remove(left);
    }

    private static void remove(List<Path> left) {
        try {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bytes of all parts, without the file that is made of them; 0 if there is no draft. */
    public long bytes() throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                bytes += String.valueOf(file.getFileName()).endsWith(WHOLE) ? 0 : bytes(file);
            }
        } catch (NoSuchFileException _) {
            // Its job has written nothing yet, or has just ended.
        }
        return bytes;
    }

    /** Others may move a file, or remove it, while this looks. */
    private static long bytes(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException _) {
            return 0;
        }
    }

    /** Removes everything. */
    public void remove() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }

    /** Whether a column of a data set may have this name. */
    public static boolean isColumn(String name) {
        return Scan.isName(name);
    }

    private static long numbers(List<Integer> shape) {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    /**
     * The most bytes that a row of JSON Lines takes.
     *
     * @param columns the shapes of their cells, by their names
     */
    public static long bytesOfRow(Map<String, List<Integer>> columns) {
        long bytes = 0;
        for (Map.Entry<String, List<Integer>> column : columns.entrySet()) {
            bytes += BYTES_A_CHARACTER * column.getKey().length() + BYTES_A_NAME;
            List<Integer> shape = column.getValue();
            for (int axis = 0; axis < shape.size(); axis++) {
                bytes += BYTES_OF_BRACKETS * numbers(shape.subList(0, axis));
            }
            bytes += BYTES_A_NUMBER * numbers(shape);
        }
        return bytes;
    }

    /**
     * Why no data set may have such rows; null if it may.
     *
     * @param columns the shapes of their cells, by their names
     * @param rows how many there may be; less than 0 if that is not known
     */
    public static @Nullable String refusal(DatasetFormat format, Map<String, List<Integer>> columns, long rows) {
        if (columns.size() > Scan.MOST_COLUMNS) {
            return "a data set has at most " + Scan.MOST_COLUMNS + " columns, and the results would have " + columns.size();
        }
        long bytesOfRow = bytesOfRow(columns);
        if (format == DatasetFormat.JSONL && bytesOfRow >= LONGEST_ROW) {
            return "a row could take " + bytesOfRow + " bytes, and in a data set in " + format.text() + " it has fewer than "
                    + LONGEST_ROW;
        }
        long longestCell = columns.values().stream().mapToLong(DatasetDraft::numbers).max().orElse(0);
        long most = ByteWindow.LONGEST_ROW / Double.BYTES;
        if (longestCell > most) {
            return "a row would have " + longestCell + " numbers in a column, and a data set in " + format.text() + " has at most " + most;
        }
        long known = Math.clamp(rows, 0, Long.MAX_VALUE / bytesOfRow);
        long described = Layout.longest(columns, known, known * bytesOfRow);
        return described <= DatasetRows.LONGEST_LAYOUT
                ? null
                : "the columns and parts of a data set are described in at most " + DatasetRows.LONGEST_LAYOUT
                        + " characters, and those of the results could take " + described;
    }
}
