package io.chainrule.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainrule.ReadsLog;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.boot.test.system.CapturedOutput;

/** Keys are kept where nobody but the service may replace them. */
@ReadsLog
@Execution(ExecutionMode.SAME_THREAD)
class OwnerOnlyTest {
    @TempDir
    private Path temporary;

    @BeforeEach
    void needsPermissions() {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"), "the file system knows permissions");
    }

    private Path folder(String permissions) throws IOException {
        return Files.setPosixFilePermissions(Files.createDirectory(temporary.resolve("data")),
                PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aNewFolderIsOfItsOwnerAlone() throws IOException {
        Path folder = temporary.resolve("new/data");
        OwnerOnly.makeFolder(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwx------");
    }

    @Test
    void aFolderThatOthersMayReadIsTakenAsItIs(CapturedOutput log) throws IOException {
        Path folder = folder("rwxr-xr-x");
        OwnerOnly.makeFolder(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwxr-xr-x");
        assertThat(folder).isEmptyDirectory();
        assertThat(log).doesNotContain("chainrule.data-directory");
    }

    @Test
    void aFolderThatCannotBeWrittenIsRefused() throws IOException {
        Path folder = folder("r-x------");
        assumeTrue(!Files.isWritable(folder), "this user may not write everywhere, as root may");
        assertThatThrownBy(() -> OwnerOnly.makeFolder(folder)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("chainrule.data-directory", folder.toString(), "chmod u+w");
    }

    @Test
    void aFolderToWhichEverybodyMayWriteIsRefused() throws IOException {
        Path folder = folder("rwxrwxrwx");
        assertThatThrownBy(() -> OwnerOnly.makeFolder(folder)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("chainrule.data-directory", folder.toString(), "chmod go-w");
    }

    /** As Kubernetes mounts a volume: it belongs to root, and to a group that the service is in. */
    @Test
    void aFolderToWhichAGroupMayWriteIsTakenWithAWarning(CapturedOutput log) throws IOException {
        OwnerOnly.makeFolder(folder("rwxrwx---"));
        assertThat(log).contains("chainrule.data-directory", "chmod g-w");
    }

    @Test
    void aFolderOfAnotherUserIsRefused() throws IOException {
        Path folder = folder("rwxr-xr-x");
        try {
            Files.setAttribute(folder, "unix:uid", 12_345);
        } catch (IOException e) {
            assumeTrue(false, "only root may give a folder away: " + e.getMessage());
        }
        assertThatThrownBy(() -> OwnerOnly.makeFolder(folder)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("chainrule.data-directory", folder.toString(), "12345", "chown");
        assertThat(folder).as("what was tried").isEmptyDirectory();
    }
}
