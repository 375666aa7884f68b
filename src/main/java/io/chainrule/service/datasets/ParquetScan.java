package io.chainrule.service.datasets;

import dev.hardwood.metadata.RowGroup;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads a Parquet file once, to see what it is. */
final class ParquetScan {
    /** How often the checkpoint is asked, in rows. */
    private static final int ROWS_A_LOOK = 4_096;

    private ParquetScan() {}

    static void file(RowFile path, Scan scan) throws IOException {
        file(path, false, scan);
    }

    /** Reads one group of rows of each column, where all have cells of the same kinds and shapes. */
    static void fileOfLikeGroups(RowFile path, Scan scan) throws IOException {
        file(path, true, scan);
    }

    private static void file(RowFile path, boolean areAlike, Scan scan) throws IOException {
        try (ParquetFile file = new ParquetFile(path, scan.growth, scan.checkpoint)) {
            List<ColumnScan> found = new ArrayList<>();
            List<ParquetColumn> readable = columns(file, found, scan);
            long rows = 0;
            List<RowGroup> groups = file.groups();
            int[] longest = readable.stream().mapToInt(column -> areAlike ? longest(groups, column) : 0).toArray();
            for (int k = 0; k < groups.size(); k++) {
                for (int i = 0; i < longest.length; i++) {
                    if (!areAlike || k == longest[i]) {
                        count(readable.get(i), groups.get(k), found.get(i), scan);
                    }
                }
                rows = Math.addExact(rows, groups.get(k).numRows());
            }
            if (rows != file.rows()) {
                throw scan.fatal("the file has another number of rows than it tells", 0, String.valueOf(file.rows()), String.valueOf(rows),
                        null);
            }
            for (int i = 0; i < readable.size(); i++) {
                found.get(i).reader(readable.get(i).mostBytes());
            }
            scan.reader(file.bytesOfDescription());
            splits(file.groups(), scan);
        } catch (IOException | ArithmeticException | IndexOutOfBoundsException | NullPointerException e) {
            throw scan.fatal("this is no file of Parquet that can be read" + (e instanceof IOException ? ": " + e.getMessage() : ""), 0,
                    "Parquet, packed by snappy, zstd, gzip or not at all", null, null);
        }
    }

    /** The place of the group whose packed cells of a column are the longest, and so take the most memory. */
    private static int longest(List<RowGroup> groups, ParquetColumn column) {
        int longest = 0;
        for (int k = 1; k < groups.size(); k++) {
            if (column.packedBytes(groups.get(k)) > column.packedBytes(groups.get(longest))) {
                longest = k;
            }
        }
        return longest;
    }

    /** The columns of a file whose cells can be read; {@code found} is told where they are counted. */
    private static List<ParquetColumn> columns(ParquetFile file, List<ColumnScan> found, Scan scan) {
        boolean isFirst = scan.names().isEmpty();
        List<String> before = List.copyOf(scan.names());
        List<ParquetColumn> readable = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (List<ColumnSchema> leaves : ParquetColumn.leaves(file.schema())) {
            String name = leaves.getFirst().fieldPath().topLevelName();
            if (!names.add(name)) {
                throw scan.fatal("two columns are called '" + name + "'", 0, "each name once", null, null);
            }
            if (isFirst || before.contains(name)) {
                ColumnScan column = scan.column(name, 0);
                if (ParquetColumn.isReadable(file.schema(), leaves)) {
                    found.add(column);
                    readable.add(new ParquetColumn(file, leaves.getFirst()));
                } else {
                    column.other();
                }
            }
        }
        if (!isFirst && !before.equals(List.copyOf(names))) {
            throw scan.otherColumns(before, List.copyOf(names), 0);
        }
        if (readable.isEmpty()) {
            throw scan.fatal("the file has no column that can be read", 0, "numbers, texts, or lists of numbers", null, null);
        }
        return readable;
    }

    private static void count(ParquetColumn cell, RowGroup group, ColumnScan column, Scan scan) throws IOException {
        cell.begin(group);
        for (long i = 0; i < group.numRows(); i++) {
            if (i % ROWS_A_LOOK == 0) {
                scan.checkpoint.check();
            }
            cell.next();
            switch (cell.kind()) {
                case MISSING -> column.missing(1);
                case NUMBER -> column.numbers(1);
                case ARRAY -> column.arrays(Arrays.stream(cell.shape()).boxed().toList(), 1);
                case TEXT -> {
                    if (!scan.isText(cell.text(), 0, cell.text().length)) {
                        throw scan.fatal("a text of the column '" + column.name + "' is not UTF-8", 0, "UTF-8", null, null);
                    }
                    column.cell(cell.text(), 0, cell.text().length);
                }
                case OTHER -> column.ragged();
            }
        }
        cell.end();
    }

    private static void splits(List<RowGroup> groups, Scan scan) {
        int from = 0;
        long rows = 0;
        long bytes = 0;
        for (int i = 0; i < groups.size(); i++) {
            rows += groups.get(i).numRows();
            // The size of the group itself is what it unpacks to, and files are divided by their own bytes.
            bytes += groups.get(i).columns().stream().mapToLong(column -> column.metaData().totalCompressedSize()).sum();
            if (scan.isEnough(bytes) || i == groups.size() - 1) {
                scan.split(from, i + 1L, rows);
                from = i + 1;
                rows = 0;
                bytes = 0;
            }
        }
    }
}
