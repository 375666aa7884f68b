package io.chainrule.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Where executors write what rows come to: a folder that they share with the service. Each attempt at a piece has a file of its own, which
 * becomes a part of the results only if the service makes it one. So an attempt that is repeated, killed or late spoils nothing.
 *
 * @param folder its path
 * @param suffix how the names of files end
 */
record Parts(String folder, String suffix) implements Serializable {
    private static final String HINT = "whoever runs the service names a folder in chainrule.datasets.directory that all see at the same "
            + "path, and has workers run as the user that the service runs as";

    /** Makes a file. */
    Path begin() throws IOException {
        Path path = Path.of(folder);
        if (!Files.isDirectory(path)) {
            throw new DataException("a worker of Spark does not see the folder where the service keeps data sets",
                    "a folder that the workers share with the service", "no such folder", HINT, "engine");
        }
        if (!Files.isWritable(path)) {
            throw new DataException("a worker of Spark may not write to the folder where the service keeps data sets",
                    "a folder to which the workers may write", "one to which they may not", HINT, "engine");
        }
        return Files.createFile(path.resolve(UUID.randomUUID() + suffix));
    }

    /** Has the bytes of a file written to the disk; returns how many there are. */
    static long force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
            return channel.size();
        }
    }
}
