package io.chainrule.service.datasets;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.store.StoreUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a data set, to be read in parts, by any number of threads. */
public final class RowSource {
    private final Dataset dataset;
    private final Layout layout;
    private final List<RowFile> files;
    /** The places of the columns, by their names. */
    private final Map<String, Integer> places = new HashMap<>();

    RowSource(Dataset dataset, Layout layout, List<RowFile> files) {
        this.dataset = dataset;
        this.layout = layout;
        this.files = files;
        for (int i = 0; i < layout.columns().size(); i++) {
            places.putIfAbsent(layout.columns().get(i).name(), i);
        }
    }

    public Dataset dataset() {
        return dataset;
    }

    public List<Column> columns() {
        return layout.columns();
    }

    /** Parts of about 4 MiB of the files each, or of a larger data set some thousands; the same for everybody who reads it. */
    public List<RowSplit> splits() {
        return layout.splits();
    }

    /** The paths of the files, in the order of their rows. */
    public List<Path> files() {
        return files.stream().map(RowFile::path).toList();
    }

    /** Whether the rows were read once, so that their number and their columns are known. */
    public boolean isCounted() {
        return dataset.rows() >= 0;
    }

    /** The files in the order of their rows, or a folder that this machine cannot read: with a scheme, and without escapes. */
    public List<String> locations() {
        String location = dataset.location();
        return files.isEmpty() && location != null ? List.of(location) : files.stream().map(file -> "file:" + file.path()).toList();
    }

    /**
     * Throws {@link ProblemException} if a file of this machine has changed since its rows were counted, or may not be read any more, and
     * {@link StoreUnavailableException} if one that the service keeps cannot be read now.
     */
    public void checkUnchanged() {
        try {
            for (int i = 0; i < files.size(); i++) {
                check(files.get(i), layout.files().get(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The problem of a data set whose files are not those that were read before. */
    public ProblemException changed() {
        return changed(dataset);
    }

    /** Whether a row of CSV files has a line break in quotes; null if nobody has looked for it. */
    public @Nullable Boolean hasLongRows() {
        return !isCounted() ? null : layout.hasQuotes() ? layout.hasLongRows() : Boolean.FALSE;
    }

    /**
     * Reads a part. Throws {@link ProblemException} if there is no such column, and as {@link #checkUnchanged} for the part's file.
     *
     * @param columns those whose cells are wanted, in the order in which they are asked for
     * @param checkpoint is asked now and then whether to go on, also where there are no rows for long
     */
    public RowReader read(RowSplit split, List<String> columns, Checkpoint checkpoint) throws IOException {
        int[] places = columns.stream().mapToInt(this::place).toArray();
        RowFile file = files.get(split.file());
        check(file, layout.files().get(split.file()));
        return switch (dataset.format()) {
            case CSV -> new CsvReader(file, split, places, checkpoint);
            case JSONL -> new JsonLinesReader(file, split, numbered(columns), checkpoint);
            case NPY -> new NpyReader(file, split);
            case PARQUET -> new ParquetReader(file, split, columns, checkpoint);
        };
    }

    /** The memory that one reader of these columns takes at most, in bytes; 0 if it is not known. */
    public long bytesOfReader(List<String> columns) {
        Layout.ReaderBytes readers = layout.readers();
        if (readers == null) {
            return 0;
        }
        long bytes = readers.besides();
        for (int i = 0; i < layout.columns().size(); i++) {
            bytes += columns.contains(layout.columns().get(i).name()) ? readers.columns().get(i) : 0;
        }
        return bytes;
    }

    /** Throws {@link ProblemException} if there is no such column, or if none of its values can be that of an input. */
    public void check(List<String> columns) {
        columns.forEach(this::place);
    }

    private static Map<String, Integer> numbered(List<String> names) {
        Map<String, Integer> places = new HashMap<>();
        names.forEach(name -> places.put(name, places.size()));
        if (places.size() != names.size()) {
            throw new IllegalArgumentException("a column is asked for twice: " + names);
        }
        return places;
    }

    private int place(String name) {
        Integer place = places.get(name);
        if (place == null) {
            List<String> names = layout.columns().stream().map(Column::name).toList();
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE,
                    "the data set '" + dataset.name() + "' has no column '" + name + "'").hint(Nearest.hint(name, names).orElse(null)));
        }
        if (layout.columns().get(place).type() == Column.Type.OTHER) {
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE,
                    "the column '" + name + "' of the data set '" + dataset.name() + "' has values that no input can have")
                    .expected("numbers, or arrays of numbers", "others").hint("write the column as numbers of floating point"));
        }
        return place;
    }

    private void check(RowFile file, Layout.DataFile known) throws IOException {
        try {
            BasicFileAttributes found = file.attributes();
            boolean isTouched = dataset.location() != null && found.lastModifiedTime().toMillis() != known.modified();
            if (found.size() != known.bytes() || isTouched) {
                throw changed(dataset);
            }
        } catch (NoSuchFileException | AccessDeniedException e) {
            if (dataset.location() == null) {
                throw DatasetFiles.away(file.path(), e);
            }
            throw e instanceof NoSuchFileException ? changed(dataset) : unreadable();
        }
    }

    private ProblemException unreadable() {
        return new ProblemException(Problem.of(ProblemCode.INVALID_VALUE,
                "a file of the data set '" + dataset.name() + "' cannot be read any more")
                .expected("a file that the service may read", dataset.location()).hint(Locations.REACHED));
    }

    /** The problem of a data set whose files are not those that were counted. */
    static ProblemException changed(Dataset dataset) {
        return new ProblemException(Problem.of(ProblemCode.INVALID_VALUE,
                "the files of the data set '" + dataset.name() + "' have changed since its rows were counted")
                .hint("register it again by PUT /v1/datasets/" + dataset.name()));
    }
}
