package io.chainrule.service.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a file of JSON Lines once, to see what it is. */
final class JsonLinesScan {
    /** How many bytes at the beginning of a file are looked at to see whether it is an array. */
    private static final int LOOKED_AT = 1_024;
    private static final String FORM = "one object in each line";

    private final Scan scan;
    private final Map<String, Integer> places = new HashMap<>();
    private final List<ColumnScan> columns = new ArrayList<>();
    /** The line that is read. */
    private long line;
    /** Whether the row before ends before its object does: the object goes on in the next line, or its writer was stopped. */
    private boolean isCut;

    private JsonLinesScan(Scan scan) {
        this.scan = scan;
        scan.columns().forEach(this::add);
    }

    private int add(ColumnScan column) {
        places.put(column.name, columns.size());
        columns.add(column);
        return columns.size() - 1;
    }

    private int place(String name) {
        Integer known = places.get(name);
        return known == null ? add(scan.column(name, line)) : known;
    }

    static void file(RowFile path, Scan scan) throws IOException {
        new JsonLinesScan(scan).read(path);
    }

    /** Looks at the columns of the first row alone. */
    static void firstRow(RowFile path, Scan scan) throws IOException {
        JsonLinesScan first = new JsonLinesScan(scan);
        try (JsonRows rows = new JsonRows(path, 0, scan.growth, scan.checkpoint, first::place)) {
            if (first.next(rows)) {
                first.row(rows);
            }
        }
    }

    /** Ends the scan if the file is one array, as many programs write JSON: each of its lines would be another problem. */
    private void checkNoArray(RowFile path, long from) throws IOException {
        try (InputStream in = path.stream()) {
            in.skipNBytes(from);
            String begin = new String(in.readNBytes(LOOKED_AT), StandardCharsets.ISO_8859_1).stripLeading();
            if (begin.startsWith("[")) {
                throw scan.fatal("the file is an array of JSON", 0, FORM, "'['",
                        "write one object a line, as `jq -c '.[]'` and, of pandas, to_json(orient=\"records\", lines=True) do");
            }
        }
    }

    private void read(RowFile path) throws IOException {
        long from = CsvScan.markLength(path);
        checkNoArray(path, from);
        try (JsonRows rows = new JsonRows(path, from, scan.growth, scan.checkpoint, this::place)) {
            boolean isBegun = false;
            while (next(rows)) {
                if (!isBegun) {
                    scan.begin(rows.position);
                    isBegun = true;
                }
                row(rows);
                scan.row(rows.position);
            }
            scan.end(rows.window.position());
            scan.reader(scan.taken());
        }
    }

    private boolean next(JsonRows rows) throws IOException {
        try {
            return rows.nextLine();
        } catch (ByteWindow.RowTooLongException _) {
            throw ByteWindow.tooLong("row " + (scan.rows() + 1), rows.line,
                    CsvScan.LINE_ENDS + "; divide an object that is too long into several", scan);
        }
    }

    private void row(JsonRows rows) throws IOException {
        long number = scan.rows() + 1;
        boolean wasCut = isCut;
        isCut = false;
        if (!scan.isText(rows.window.bytes, rows.window.start, rows.lineEnd())) {
            scan.problem("row " + number + " is not UTF-8", rows.line, "UTF-8", null, null);
            return;
        }
        line = rows.line;
        String wrong = rows.read();
        if (wrong != null && wasCut) {
            // The object before goes on in this line, and each further line of it would be another problem.
            throw scan.fatal("write each object in one line, as `jq -c .` does");
        }
        isCut = rows.isCut;
        if (wrong != null) {
            scan.problem("row " + number + " is no object of JSON: " + wrong, rows.line, FORM, null, rows.hint);
        } else if (rows.twice != null) {
            scan.problem("row " + number + " has '" + rows.twice + "' twice", rows.line, "each name once", null, null);
        }
        for (int i = 0; i < columns.size(); i++) {
            ColumnScan column = columns.get(i);
            switch (rows.kind(i)) {
                case MISSING -> column.missing(1);
                case TEXT -> column.cell(rows.window.bytes, rows.from(i), rows.to(i));
                default -> column.text();
            }
        }
    }
}
