package io.chainrule.service.datasets;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
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

    /**
     * What is in files at a location.
     *
     * @param sha256 of the files, one after the other, in hexadecimal
     */
    record Found(String sha256, Layout layout) {}

    /** What is in a file of the service. Throws {@link io.chainrule.core.graph.ProblemException} for what is wrong with its form. */
    Layout scan(DatasetFormat format, Path file, long bytes, Duration most) {
        return kept(() -> scan(format, List.of(RowFile.own(file)), List.of(new Layout.DataFile("", bytes, 0)), most));
    }

    /** What is in files at a location. Throws as {@link #scan}, and what the file system throws if it does not have one of them now. */
    Found read(DatasetFormat format, List<RowFile> paths, Duration most) throws IOException {
        List<Layout.DataFile> stamps = new ArrayList<>();
        for (RowFile path : paths) {
            BasicFileAttributes found = path.attributes();
            stamps.add(new Layout.DataFile(path.nameAmong(paths), found.size(), found.lastModifiedTime().toMillis()));
        }
        // To read all of them first may take minutes.
        Layout.checkLength(stamps);
        try {
            return new Found(digest(paths, bytes(stamps), most), scan(format, paths, stamps, most));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** What is in a file of results, of which only some rows are read. */
    Layout scan(WrittenFile file, Duration most) {
        try (var _ = admission.reserve()) {
            return kept(() -> scan(file.format(), 0, most, checkpoint -> Scan.of(file, checkpoint, Budget::addToLatest)));
        }
    }

    /** Reads a file that the service keeps. */
    private Layout kept(Supplier<Layout> reading) {
        try {
            return reading.get();
        } catch (UncheckedIOException e) {
            throw store.unavailable(e);
        }
    }

    private static long bytes(List<Layout.DataFile> files) {
        return files.stream().mapToLong(Layout.DataFile::bytes).sum();
    }

    private Layout scan(DatasetFormat format, List<RowFile> paths, List<Layout.DataFile> names, Duration most) {
        return scan(format, bytes(names), most, checkpoint -> Scan.of(format, paths, names, checkpoint, Budget::addToLatest));
    }

    @FunctionalInterface
    private interface Reading {
        Layout read(Checkpoint checkpoint) throws IOException;
    }

    private Layout scan(DatasetFormat format, long bytes, Duration most, Reading reading) {
        return admission.scan(bytes, most, checkpoint -> {
            if (format == DatasetFormat.PARQUET) {
                prepareLibraries();
            }
            try {
                return reading.read(checkpoint);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void prepareLibraries() {
        try {
            files.prepareLibraries();
        } catch (IOException e) {
            throw store.unavailable(e);
        }
    }

    private String digest(List<RowFile> paths, long bytes, Duration most) {
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
            throw new UncheckedIOException(e);
        }
    }
}
