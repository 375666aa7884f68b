package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowResults;
import io.chainrule.core.tensor.Shape;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.util.MinimalPrettyPrinter;
import tools.jackson.databind.json.JsonMapper;

/** Writes an object in each line. Numbers have the fewest digits that tell them apart; what is not finite is a text, as JSON has none. */
final class JsonLinesWriter implements ResultWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int BUFFER = 1 << 16;
    /** So many bytes are copied before somebody is asked whether to go on. */
    private static final long PIECE = 1 << 24;

    private final List<String> columns;
    private final List<Shape> shapes;
    private final JsonGenerator out;

    JsonLinesWriter(Path file, List<RowQuantity> quantities) throws IOException {
        columns = ResultWriter.columns(quantities);
        shapes = quantities.stream().map(RowQuantity::shape).toList();
        OutputStream bytes = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
        out = JSON.writer().with(new MinimalPrettyPrinter("")).createGenerator(bytes);
    }

    @Override
    public void write(RowResults results) {
        for (int row = 0; row < results.rows(); row++) {
            if (!results.isOmitted(row)) {
                out.writeStartObject();
                out.writeNumberProperty(ROW, results.number(row));
                for (int k = 0; k < columns.size(); k++) {
                    out.writeName(columns.get(k));
                    Shape shape = shapes.get(k);
                    array(results.values(k), row * shape.length(), shape, 0);
                }
                out.writeEndObject();
                out.writeRaw('\n');
            }
        }
    }

    /** Writes the elements from {@code at} on that the axes from {@code axis} on have; returns where the next ones begin. */
    private int array(double[] values, int at, Shape shape, int axis) {
        if (axis == shape.rank()) {
            out.writeNumber(values[at]);
            return at + 1;
        }
        out.writeStartArray();
        int next = at;
        for (int i = 0; i < shape.dim(axis); i++) {
            next = array(values, next, shape, axis + 1);
        }
        out.writeEndArray();
        return next;
    }

    @Override
    public void close() {
        out.close();
    }

    static void join(List<Path> parts, Path whole, Runnable checkpoint) throws IOException {
        try (FileChannel out = FileChannel.open(whole, StandardOpenOption.WRITE)) {
            for (Path part : parts) {
                try (FileChannel in = FileChannel.open(part)) {
                    long size = in.size();
                    for (long at = 0; at < size;) {
                        checkpoint.run();
                        at += in.transferTo(at, Math.min(PIECE, size - at), out);
                    }
                }
            }
        }
    }
}
