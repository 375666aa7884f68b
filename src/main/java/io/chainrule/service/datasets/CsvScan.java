package io.chainrule.service.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads a CSV file once, to see what it is. */
final class CsvScan {
    /** RFC 4180 knows no mark of the encoding, but some programs write it. */
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    static final String LINE_ENDS = "lines end with LF or CR LF; CR alone ends none";

    private static final String HEADER = "the line with the names of the columns";

    private CsvScan() {}

    static void file(RowFile path, Scan scan) throws IOException {
        boolean isFirst = scan.names().isEmpty();
        try (CsvRows rows = new CsvRows(path, markLength(path), scan.growth, scan.checkpoint)) {
            if (!next(rows, true, scan)) {
                throw scan.fatal("the file is empty", 0, "a line with the names of the columns", "nothing", null);
            }
            header(rows, scan, isFirst);
            List<ColumnScan> columns = scan.columns();
            boolean isBegun = false;
            while (next(rows, false, scan)) {
                if (!isBegun) {
                    scan.begin(rows.position);
                    isBegun = true;
                }
                scan.row(rows.position);
                row(rows, columns, scan);
            }
            scan.end(rows.window.position());
            scan.hasQuotes |= rows.hasQuotes;
            scan.hasLongRows |= rows.hasLongRows;
            scan.reader(scan.taken());
        }
    }

    private static boolean next(CsvRows rows, boolean isHeader, Scan scan) throws IOException {
        try {
            return rows.next();
        } catch (ByteWindow.RowTooLongException _) {
            throw ByteWindow.tooLong(isHeader ? HEADER : "row " + (scan.rows() + 1), rows.line,
                    LINE_ENDS + "; a quote that is not closed takes all that follows into its cell", scan);
        }
    }

    /** The length of the mark with which a text in UTF-8 may begin. */
    static long markLength(RowFile path) throws IOException {
        try (InputStream in = path.stream()) {
            return Arrays.equals(in.readNBytes(MARK.length), MARK) ? MARK.length : 0;
        }
    }

    private static void header(CsvRows rows, Scan scan, boolean isFirst) {
        if (rows.hasLoneReturn()) {
            throw scan.fatal(HEADER + " has a carriage return that no line feed follows", rows.line,
                    "LF or CR LF at the end of each line", "CR alone", LINE_ENDS);
        }
        if (rows.cells > Scan.MOST_COLUMNS) {
            throw scan.tooManyColumns(rows.line);
        }
        byte[] bytes = rows.window.bytes;
        if (!isText(rows, scan) || rows.isMisquoted) {
            throw scan.fatal("the names of the columns are not CSV in UTF-8", rows.line, "UTF-8, RFC 4180", null,
                    "a spreadsheet writes it as “CSV UTF-8”");
        }
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < rows.cells; i++) {
            String text = new String(bytes, rows.from[i], rows.to[i] - rows.from[i], StandardCharsets.UTF_8).strip();
            String name = text.isEmpty() ? "_c" + i : text;
            if (!names.add(name)) {
                scan.problem("two columns are called '" + name + "'", rows.line, "each name once", null, null);
            }
        }
        // With fewer columns than cells in the header, every row would seem to have too many cells.
        scan.check();
        if (names.size() == 1 && (names.iterator().next().contains(";") || names.iterator().next().contains("\t"))) {
            throw scan.fatal("there is one column, whose name holds other separators", rows.line, "commas between the names", null,
                    "write the file with commas between cells");
        }
        if (isFirst) {
            names.forEach(name -> scan.column(name, rows.line));
        } else if (!List.copyOf(scan.names()).equals(List.copyOf(names))) {
            throw scan.otherColumns(List.copyOf(scan.names()), List.copyOf(names), rows.line);
        }
    }

    /** Checks the bytes of each cell, not of the whole row: a cell whose doubled quotes were shortened is followed by old bytes. */
    private static boolean isText(CsvRows rows, Scan scan) {
        for (int i = 0; i < rows.cells; i++) {
            if (!scan.isText(rows.window.bytes, rows.from[i], rows.to[i])) {
                return false;
            }
        }
        return true;
    }

    private static void row(CsvRows rows, List<ColumnScan> columns, Scan scan) {
        byte[] bytes = rows.window.bytes;
        if (rows.isMisquoted) {
            scan.problem("row " + scan.rows() + " has a quote that is not closed, or text behind one", rows.line,
                    "a comma or the end of the line behind the quote", null, "a quote within quotes is written twice");
            return;
        }
        if (rows.cells != columns.size()) {
            scan.problem("row " + scan.rows() + " has another number of cells than there are columns", rows.line,
                    String.valueOf(columns.size()), String.valueOf(rows.cells),
                    rows.hasLoneReturn()
                            ? LINE_ENDS
                            : rows.cells > columns.size() ? "a cell with a comma stands in quotes" : "an empty cell still has its comma");
            return;
        }
        if (!isText(rows, scan)) {
            scan.problem("row " + scan.rows() + " is not UTF-8", rows.line, "UTF-8", null, null);
            return;
        }
        for (int i = 0; i < rows.cells; i++) {
            columns.get(i).cell(bytes, rows.from[i], rows.to[i]);
        }
    }
}
