package io.chainrule.web.v1.datasets;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A disk of 8 MiB in memory. It is mounted in a folder of its own, which is known before the service starts. */
final class SmallDisk implements BeforeAllCallback, AfterAllCallback {
    private final Path folder;
    private final Path path;
    private boolean isMounted;

    /** @param place where the disk is in the folder */
    SmallDisk(String name, String place) {
        folder = TestFolder.create(name);
        path = folder.resolve(place);
    }

    Path folder() {
        return folder;
    }

    Path path() {
        return path;
    }

    private static boolean runs(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }

    /** Skips the tests where this machine lets no disk be mounted. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        Files.createDirectories(path);
        try {
            isMounted = runs("mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", path.toString());
        } catch (IOException _) {
            // There is no such command.
        }
        assumeTrue(isMounted, "this machine lets no disk be mounted");
    }

    /** Lazily, since the service ends after this. */
    @Override
    public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
        if (isMounted) {
            runs("umount", "-l", path.toString());
        }
    }
}
