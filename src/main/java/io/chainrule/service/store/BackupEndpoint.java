package io.chainrule.service.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Writes a backup of the embedded database while it is in use. It is restored by unpacking it where the database was. This is no component,
 * since an open service has no such endpoint.
 */
@Endpoint(id = "backup")
public final class BackupEndpoint {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'chainrule-'yyyyMMdd-HHmmss-SSS'.zip'");

    private final Store store;
    private final StoreProperties properties;
    private final JdbcOperations database;

    BackupEndpoint(Store store, StoreProperties properties, JdbcOperations database) {
        this.store = store;
        this.properties = properties;
        this.database = database;
    }

    /**
     * Writes a backup and returns the name of its file in the data directory. The file gets this name only when it is complete. Throws
     * {@link StoreUnavailableException} if there is no room for it.
     */
    @WriteOperation
    Map<String, String> backup() throws IOException {
        if (!store.isEmbedded()) {
            throw new InvalidEndpointRequestException("The database is a server: back it up by its own tools, such as pg_dump",
                    "The database is a server: back it up by its own tools, such as pg_dump");
        }
        Path folder = properties.folder().resolve("backups");
        Path file = folder.resolve(NAME.format(LocalDateTime.now(ZoneOffset.UTC)));
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            OwnerOnly.makeFolder(folder);
            store.with(() -> database.update("backup to ?", part.toString()));
            OwnerOnly.restrict(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw store.unavailable(e);
        } finally {
            Files.deleteIfExists(part);
        }
        return Map.of("file", properties.folder().relativize(file).toString());
    }
}
