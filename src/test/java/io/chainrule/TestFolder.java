package io.chainrule;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.test.context.DynamicPropertyRegistry;

/** Folders of tests stand in the folder of the build, since folders for temporary files are small on some machines. */
public final class TestFolder {
    private TestFolder() {}

    /** A new folder, as an absolute path. */
    public static Path create(String prefix) {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target")), prefix).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new folder, in which the service of a test has its data. */
    public static Path add(DynamicPropertyRegistry properties, String prefix) {
        Path folder = create(prefix);
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
        return folder;
    }
}
