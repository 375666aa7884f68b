package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowResults;
import io.chainrule.core.rows.RowSink;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.service.datasets.DatasetDraft;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the results of the rows of a unit to a file of a draft. */
final class MappedPart implements RowSink {
    private final Path file;
    private final RowWriter writer;

    MappedPart(DatasetDraft draft, RowWriter.Form form, List<RowQuantity> quantities) {
        try {
            file = draft.begin();
            writer = RowWriter.of(form, quantities, Files.newOutputStream(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file() {
        return file;
    }

    @Override
    public void accept(RowResults results) {
        writer.accept(results);
    }

    /** Ends the file, which is on the disk then. */
    void complete() {
        try {
            writer.close();
            DatasetDraft.force(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the file. */
    void drop() {
        // If writing has failed, closing fails, too, since the rest is written then. The file is removed before.
        try (RowWriter _ = writer) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
