package io.chainrule.service.datasets;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** What is found while all rows of a data set are read once: its columns, its parts, and what is wrong with its form. */
final class Scan {
    static final int MOST_COLUMNS = 4_096;
    private static final int LONGEST_NAME = 200;
    /** The rule for names of columns, as messages tell it. */
    static final String NAME = "1 to " + LONGEST_NAME + " characters, none of control and no half of a pair";
    private static final int MOST_PROBLEMS = 100;
    /** How often the checkpoint is asked, in rows. */
    private static final int ROWS_A_LOOK = 256;

    final Checkpoint checkpoint;
    /** Is told how many bytes of memory a file takes while it is read, before they are taken. */
    final LongConsumer growth = this::take;
    private final LongConsumer memory;
    private final Splitter splitter;
    private final Map<String, ColumnScan> columns = new LinkedHashMap<>();
    private final List<Layout.DataFile> files = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private int count;
    boolean hasQuotes;
    boolean hasLongRows;
    /** The memory that the current file takes. */
    private long taken;
    /** The largest such memory of any file so far. */
    private long most;
    /** The largest memory of a reader of rows, besides its columns. */
    private long ofReader;

    private Scan(Splitter splitter, Checkpoint checkpoint, LongConsumer memory) {
        this.splitter = splitter;
        this.checkpoint = checkpoint;
        this.memory = memory;
    }

    /**
     * Reads all rows of some files once. Throws {@link ProblemException} for what is wrong with their form.
     *
     * @param names their names, beside their paths and in their order
     * @param checkpoint is asked now and then whether to go on
     * @param memory is told how many bytes of memory are taken, before they are
     */
    static Layout of(DatasetFormat format, List<RowFile> paths, List<Layout.DataFile> names, Checkpoint checkpoint, LongConsumer memory)
            throws IOException {
        Scan scan = new Scan(Splitter.of(names.stream().mapToLong(Layout.DataFile::bytes).sum()), checkpoint, memory);
        for (int i = 0; i < paths.size(); i++) {
            RowFile path = paths.get(i);
            scan.begin(names.get(i));
            switch (format) {
                case CSV -> CsvScan.file(path, scan);
                case JSONL -> JsonLinesScan.file(path, scan);
                case NPY -> NpyHeader.scan(path, scan);
                case PARQUET -> ParquetScan.file(path, scan);
            }
            scan.check();
        }
        return scan.layout(scan.splitter.splits());
    }

    /** What {@link #of} would find in a file of the service. All of its rows are alike, so that only some are read. */
    static Layout of(WrittenFile file, Checkpoint checkpoint, LongConsumer memory) throws IOException {
        WrittenLines lines = file.lines();
        Scan scan = new Scan(Splitter.of(file.bytes()), checkpoint, memory);
        RowFile path = RowFile.own(file.path());
        scan.begin(new Layout.DataFile("", file.bytes(), 0));
        if (lines == null) {
            ParquetScan.fileOfLikeGroups(path, scan);
        } else {
            JsonLinesScan.firstRow(path, scan);
            scan.reader(lines.bytesOfReader());
        }
        scan.check();
        List<RowSplit> splits = lines == null ? scan.splitter.splits() : lines.splits();
        if (splits.stream().allMatch(split -> split.rows() == 0)) {
            file.columns().forEach((name, shape) -> scan.column(name, 0).wouldBe(shape));
        }
        return scan.layout(splits);
    }

    private void begin(Layout.DataFile file) {
        files.add(file);
        splitter.nextFile();
        taken = 0;
    }

    private Layout layout(List<RowSplit> splits) {
        List<ColumnScan> all = columns();
        Layout.ReaderBytes readers = new Layout.ReaderBytes(ofReader, all.stream().map(ColumnScan::bytesOfReader).toList());
        Layout layout = new Layout(all.stream().map(ColumnScan::column).toList(), files, splits, hasQuotes, hasLongRows, readers);
        layout.checkLength();
        return layout;
    }

    /**
     * Files are read one after the other, and each frees its memory at its end. So a file adds only what it takes beyond the
     * largest file so far. */
    private void take(long bytes) {
        taken += bytes;
        if (taken > most) {
            memory.accept(taken - most);
            most = taken;
        }
    }

    /** The memory that the file which is read now has taken so far. */
    long taken() {
        return taken;
    }

    /** Notes how much memory a reader of rows of the file takes, besides what its columns take. */
    void reader(long bytes) {
        ofReader = Math.max(ofReader, bytes);
    }

    /** A scan whose file has no name of its own, and which nobody ends. */
    static Scan ofOne() {
        Scan scan = new Scan(Splitter.of(0), () -> {}, _ -> {});
        scan.begin(new Layout.DataFile("", 0, 0));
        return scan;
    }

    /** Throws {@link ProblemException} if any problem has been noted. */
    void check() {
        if (count > 0) {
            throw new ProblemException(problems, count);
        }
    }

    /** The file that is being read, as a message names it. */
    private String within() {
        return files.size() < 2 && files.getLast().name().isEmpty() ? "" : " of " + files.getLast().name();
    }

    /** Notes a problem; of many the first are kept. */
    void problem(String message, long line, @Nullable String expected, @Nullable String actual, @Nullable String hint) {
        if (count++ < MOST_PROBLEMS) {
            Problem problem = Problem.of(ProblemCode.INVALID_VALUE, message + within()).expected(expected, actual).hint(hint);
            problems.add(line > 0 && line <= Integer.MAX_VALUE ? problem.position(new Problem.Position((int) line, 1)) : problem);
        }
    }

    /** Ends the scan with a problem without which nothing can be read. */
    ProblemException fatal(String message, long line, @Nullable String expected, @Nullable String actual, @Nullable String hint) {
        problem(message, line, expected, actual, hint);
        return new ProblemException(problems, count);
    }

    /** Ends the scan because of the problem that was noted last, which gets a hint. */
    ProblemException fatal(String hint) {
        if (count <= MOST_PROBLEMS) {
            problems.add(problems.removeLast().hint(hint));
        }
        return new ProblemException(problems, count);
    }

    /** The names of the columns so far, in their order. */
    Set<String> names() {
        return columns.keySet();
    }

    /** Whether a column may have this name. */
    static boolean isName(String name) {
        return !name.isEmpty() && name.length() <= LONGEST_NAME && name.codePoints().noneMatch(Scan::isNone);
    }

    /** Whether no name has this character: one of control, or half of a pair of surrogates, which UTF-8 cannot write. */
    private static boolean isNone(int character) {
        return Character.isISOControl(character) || character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    }

    private static String wrong(String name) {
        return name.codePoints().filter(Scan::isNone).mapToObj("U+%04X"::formatted).findFirst().orElse(name);
    }

    /** Ends the scan because a file has other columns than the first; quotes nothing of a file that may be another than was meant. */
    ProblemException otherColumns(List<String> first, List<String> found, long line) {
        int place = 0;
        while (place < Math.min(first.size(), found.size()) && first.get(place).equals(found.get(place))) {
            place++;
        }
        return fatal("the columns are not those of the first file", line, String.join(",", first),
                found.size() + " columns, of which " + place + " at the beginning are the same", null);
    }

    /** Ends the scan because there are more columns than a data set may have. */
    ProblemException tooManyColumns(long line) {
        return fatal("there are too many columns", line, "at most " + MOST_COLUMNS, "more",
                "put numbers that belong together into a column of arrays");
    }

    /** The column of a name, which is made if there is none. The line tells where the name stands, and is 0 if no line has it. */
    ColumnScan column(String name, long line) {
        ColumnScan known = columns.get(name);
        if (known != null) {
            return known;
        }
        if (columns.size() == MOST_COLUMNS) {
            throw tooManyColumns(line);
        }
        if (!isName(name)) {
            throw fatal("column " + (columns.size() + 1) + " has no name that can be used", line, NAME,
                    name.isEmpty() || name.length() > LONGEST_NAME ? name.length() + " characters" : wrong(name), null);
        }
        ColumnScan made = new ColumnScan(name, memory);
        // Rows before the first that has this column have no such cell.
        made.missing(rows());
        columns.put(name, made);
        return made;
    }

    List<ColumnScan> columns() {
        return List.copyOf(columns.values());
    }

    /** The number of the row that is read next, or of the one that {@link #row} has counted last, from 1. */
    long rows() {
        return splitter.rows();
    }

    /** Begins a file, whose first row begins here. */
    void begin(long position) {
        splitter.begin(position);
    }

    /** Counts a row that begins here. */
    void row(long position) {
        splitter.row(position);
        if (rows() % ROWS_A_LOOK == 0) {
            checkpoint.check();
        }
    }

    /** Ends the current part here. */
    void end(long position) {
        splitter.end(position);
    }

    /** Counts the rows of a part that are not read one by one. */
    void split(long from, long to, long count) {
        checkpoint.check();
        splitter.split(from, to, count);
    }

    /** The least rows of a part if each takes so many bytes. */
    long rowsOfSplit(long bytes) {
        return Math.max(1, splitter.bytes() / Math.max(1, bytes));
    }

    /** Whether so many bytes are enough for a part. */
    boolean isEnough(long bytes) {
        return bytes >= splitter.bytes();
    }

    /** Whether bytes are UTF-8 without the character 0. */
    boolean isText(byte[] bytes, int from, int to) {
        boolean isAscii = true;
        for (int i = from; i < to; i++) {
            if (bytes[i] <= 0) {
                if (bytes[i] == 0) {
                    return false;
                }
                isAscii = false;
            }
        }
        if (isAscii) {
            return true;
        }
        try {
            utf8.decode(ByteBuffer.wrap(bytes, from, to - from));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
