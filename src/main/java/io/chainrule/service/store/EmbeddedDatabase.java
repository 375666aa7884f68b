package io.chainrule.service.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * H2 in a folder. What it has acknowledged is on the disk: by default H2 writes half a second later, and a process that is killed loses
 * that. Spring closes the database when the service ends.
 */
record EmbeddedDatabase(Path folder) implements JdbcConnectionDetails {
    private static final String FILE = "chainrule";
    private static final String OPTIONS = ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";

    EmbeddedDatabase {
        if (folder.toString().contains(";")) {
            throw new IllegalArgumentException(StoreProperties.PROPERTY + " is " + folder + "; the path must not have a semicolon");
        }
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:h2:file:" + folder.resolve(FILE) + OPTIONS;
    }

    @Override
    public String getUsername() {
        return "chainrule";
    }

    /** Has the file belong to its user alone. */
    void makePrivate() {
        Path file = folder.resolve(FILE + ".mv.db");
        if (Files.exists(file) && FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            try {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The file's permissions protect it. */
    @Override
    public String getPassword() {
        return "";
    }
}
