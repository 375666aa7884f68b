package io.chainrule.core;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.Compression.Mode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Passes the entries of Jacobians on as passes compute them, a chunk of one block at a time. */
final class JacobianStream implements JacobianEntries.Collector {
    private static final int CHUNK = 1 << 13;

    private final Compression compression;
    private final Elements rows;
    private final Elements columns;
    private final int samples;
    private final Sink sink;
    private final int[] chunkRows = new int[CHUNK];
    private final int[] chunkColumns = new int[CHUNK];
    private final double[] chunkValues = new double[CHUNK];
    private int size;
    private int result;
    private int source;

    JacobianStream(Compression compression, Elements rows, Elements columns, int samples, Sink sink) {
        this.compression = compression;
        this.rows = rows;
        this.columns = columns;
        this.samples = samples;
        this.sink = sink;
    }

    /** Receives entries of the block of one result by one node to differentiate by, both given by their position. */
    interface Sink {
        /** Rows are numbered over all samples, one sample after the other. */
        void entries(int result, int source, int[] rows, int[] columns, double[] values);
    }

    @Override
    public void collect(int first, int passes, JacobianEntries.@Nullable Derivative[] derivatives) {
        for (int node = 0; node < derivatives.length; node++) {
            for (int pass = 0; pass < passes; pass++) {
                for (int member : compression.groups().get(first + pass)) {
                    for (int sample = 0; sample < samples; sample++) {
                        add(member, node, derivatives[node], sample, pass);
                    }
                }
            }
        }
        flush();
    }

    /** Adds what the pass of a group's member computed for one node. */
    private void add(int member, int node, JacobianEntries.@Nullable Derivative derivative, int sample, int pass) {
        boolean isForward = compression.mode() == Mode.FORWARD;
        Elements others = isForward ? rows : columns;
        int[] partners = compression.partners()[member];
        int end = SparsePattern.position(partners, others.offset(node + 1));
        int at = derivative == null ? 0 : derivative.at(sample, pass, others.length(node)) - others.offset(node);
        for (int i = SparsePattern.position(partners, others.offset(node)); i < end; i++) {
            double value = derivative == null ? 0 : derivative.values()[at + partners[i]];
            add(isForward ? partners[i] : member, isForward ? member : partners[i], sample, value);
        }
    }

    private void add(int row, int column, int sample, double value) {
        int o = rows.node(row);
        int w = columns.node(column);
        if (size == CHUNK || o != result || w != source) {
            flush();
        }
        result = o;
        source = w;
        chunkRows[size] = sample * rows.length(o) + row - rows.offset(o);
        chunkColumns[size] = column - columns.offset(w);
        chunkValues[size++] = value;
    }

    private void flush() {
        if (size > 0) {
            sink.entries(result, source, Arrays.copyOf(chunkRows, size), Arrays.copyOf(chunkColumns, size),
                    Arrays.copyOf(chunkValues, size));
            size = 0;
        }
    }
}
