package io.chainrule.service.store;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files and folders that nobody but their owner may read or replace, where the file system knows permissions. */
public final class OwnerOnly {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerOnly.class);
    private static final int ROOT = 0;
    private static final String FOLDER = "rwx------";
    private static final String FILE = "rw-------";

    private OwnerOnly() {}

    /**
     * Makes a folder, and those above it, unless it exists. Throws if somebody else may replace what an existing one holds: its owner who
     * is neither this user nor root, or any user. Of a group it only warns, since that is how some platforms lend volumes.
     */
    public static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, attributes(FOLDER));
        } else if (hasPermissions()) {
            check(folder);
        }
    }

    private static void check(Path folder) throws IOException {
        if (!Files.isWritable(folder)) {
            throw new IOException(StoreProperties.PROPERTY + " is " + folder + ", where the user that the service runs as may not write: "
                    + "give it to that user (chown, chmod u+w), or name another folder");
        }
        PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class);
        if (attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    StoreProperties.PROPERTY + " is " + folder + ", where every user of the machine may replace the keys: take "
                            + "that right away (chmod go-w), or name a folder of the user that the service runs as");
        }
        int owner = user(folder);
        if (owner != ROOT && owner != thisUser(folder)) {
            throw new IOException(StoreProperties.PROPERTY + " is " + folder + ", which belongs to the user " + attributes.owner().getName()
                    + ", who may replace the keys: give it to the user that the service runs as (chown), or name another folder");
        }
        if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)) {
            LOG.warn(
                    "{} is {}, where the group {} may replace the keys: take that right away (chmod g-w) unless the service alone is in it",
                    StoreProperties.PROPERTY, folder, attributes.group().getName());
        }
    }

    private static int user(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid");
    }

    /** To whom a new file belongs. In a container the user may have no name, and file systems may tell of others than the system does. */
    private static int thisUser(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "owner", null);
        try {
            return user(file);
        } finally {
            Files.delete(file);
        }
    }

    /** Makes an empty file. */
    public static void makeFile(Path file) throws IOException {
        Files.createFile(file, attributes(FILE));
    }

    /** Takes from others what they may do with a file. */
    public static void restrict(Path file) throws IOException {
        if (hasPermissions()) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(FILE));
        }
    }

    private static FileAttribute<?>[] attributes(String permissions) {
        return hasPermissions()
                ? new FileAttribute<?>[]{PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }

    private static boolean hasPermissions() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }
}
