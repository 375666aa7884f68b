package io.chainrule.service.datasets;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.stereotype.Component;

/** Reads the files of a data set once before it is stored, when it is the turn of the request or job. */
@Component
class FirstReading {
    private static final int PIECE = 1 << 16;

    private final Store store;
    private final DatasetFiles files;
    private final Admission admission;

    FirstReading(Store store, DatasetFiles files, Admission admission) {
        this.store = store;
        this.files = files;
        this.admission = admission;
    }

    /** What is in the files. Throws {@link io.chainrule.core.graph.ProblemException} for what is wrong with their form. */
    Layout scan(DatasetFormat format, List<RowFile> paths, List<Layout.DataFile> names, Duration most) {
        long bytes = names.stream().mapToLong(Layout.DataFile::bytes).sum();
        return scan(format, bytes, most, checkpoint -> Scan.of(format, paths, names, checkpoint, Budget::addToLatest));
    }

    /** What is in a file of results, of which only some rows are read. */
    Layout scan(WrittenFile file, Duration most) {
        try (var _ = admission.reserve()) {
            return scan(file.format(), 0, most, checkpoint -> Scan.of(file, checkpoint, Budget::addToLatest));
        }
    }

    @FunctionalInterface
    private interface Reading {
        Layout read(Checkpoint checkpoint) throws IOException;
    }

    private Layout scan(DatasetFormat format, long bytes, Duration most, Reading reading) {
        return admission.scan(bytes, most, checkpoint -> {
            try {
                if (format == DatasetFormat.PARQUET) {
                    files.prepareLibraries();
                }
                return reading.read(checkpoint);
            } catch (IOException e) {
                throw store.unavailable(e);
            }
        });
    }

    /** The SHA-256 of the files, one after the other, in hexadecimal. */
    String digest(List<RowFile> paths, Duration most) throws IOException {
        long bytes = 0;
        for (RowFile path : paths) {
            bytes += path.attributes().size();
        }
        return admission.scan(bytes, most, checkpoint -> digest(paths, checkpoint));
    }

    private String digest(List<RowFile> paths, Checkpoint checkpoint) {
        try {
            MessageDigest digest = DigestUtils.getSha256Digest();
            byte[] piece = new byte[PIECE];
            for (RowFile path : paths) {
                try (InputStream in = path.stream()) {
                    for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                        digest.update(piece, 0, read);
                        checkpoint.check();
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw store.unavailable(e);
        }
    }
}
