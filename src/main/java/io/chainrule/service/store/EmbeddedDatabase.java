package io.chainrule.service.store;

import java.nio.file.Path;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * H2 in a folder. What it has acknowledged is on the disk: by default H2 writes half a second later, and a process that is killed loses
 * that. It is told times without their offsets, and adds that of its own zone, which is one without an hour that comes twice. Spring closes
 * the database when the service ends.
 */
record EmbeddedDatabase(Path folder) implements JdbcConnectionDetails {
    private static final String NAME = "chainrule";
    private static final String OPTIONS = ";WRITE_DELAY=0;TIME ZONE=UTC;DB_CLOSE_ON_EXIT=FALSE";

    EmbeddedDatabase {
        if (folder.toString().contains(";")) {
            throw new IllegalArgumentException(StoreProperties.PROPERTY + " is " + folder + "; the path must not have a semicolon");
        }
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:h2:file:" + folder.resolve(NAME) + OPTIONS;
    }

    @Override
    public String getUsername() {
        return "chainrule";
    }

    /** Where H2 keeps all. */
    Path file() {
        return folder.resolve(NAME + ".mv.db");
    }

    /** The file's permissions protect it. */
    @Override
    public String getPassword() {
        return "";
    }
}
