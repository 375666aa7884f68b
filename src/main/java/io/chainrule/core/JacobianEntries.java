package io.chainrule.core;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.Compression.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of Jacobians stand in the derivatives that passes compute. There is a block for each result and each node to
 * differentiate by; over samples it has the rows of all samples, one sample after the other.
 */
final class JacobianEntries {
    /** How many rows of a full block are written together, so that neighbouring columns are written to lines that are in the cache. */
    private static final int TILE = 16;
    private static final double[] NONE = {};

    private final Compression compression;
    private final Elements rows;
    private final Elements columns;
    private final int samples;
    private final List<List<SparsePattern>> patterns;

    JacobianEntries(Compression compression, Elements rows, Elements columns, int samples) {
        this.compression = compression;
        this.rows = rows;
        this.columns = columns;
        this.samples = samples;
        this.patterns = SparsePattern.blocks(compression.rows(), rows, columns).stream()
                .map(besides -> besides.stream().map(pattern -> pattern.stacked(samples)).toList()).toList();
    }

    /**
     * What a batch of passes computed for one node.
     *
     * @param values the derivative of each pass, one after the other
     * @param batch the number of passes
     * @param isSampled whether there are such values for each sample, one sample after the other
     */
    record Derivative(double[] values, int batch, boolean isSampled) {
        /** Where the elements of a pass begin, of which each has {@code length}. */
        int at(int sample, int pass, int length) {
            return ((isSampled ? sample * batch : 0) + pass) * length;
        }
    }

    /** A column of a full block, which is computed by one pass: its number, how many columns the block has, and the block's entries. */
    private record FullColumn(double[] block, int column, int width, int pass) {
        void write(double[] values, int from, int row, int rows) {
            int at = row * width + column;
            for (int i = 0; i < rows; i++) {
                block[at + i * width] = values[from + i];
            }
        }
    }

    /** The entries of a run, all zero at first. */
    Run start() {
        return new Run();
    }

    /** Receives the derivatives that passes compute. */
    interface Collector {
        /**
         * Receives the results of some passes, one for each group of columns or rows. The next passes may overwrite the arrays.
         *
         * @param first the group of the first of these passes
         * @param derivatives in forward mode the derivatives of each result, in reverse mode those by each node of {@code wrt}; null stands
         *        for derivatives that are zero
         */
        void collect(int first, int passes, @Nullable Derivative[] derivatives);
    }

    /** The entries of one run. */
    final class Run implements Collector {
        /** By number of the result and then of the node to differentiate by; made on first use. */
        private final Map<Integer, double[]> values = new HashMap<>();

        private double[] values(int o, int w) {
            int entries = patterns.get(o).get(w).entries();
            return entries == 0 ? NONE : values.computeIfAbsent(o * columns.nodes() + w, _ -> new double[entries]);
        }

        /** The matrix of each block, indexed {@code [of][wrt]}. */
        List<List<SparseMatrix>> matrices() {
            return IntStream.range(0, rows.nodes()).mapToObj(o -> IntStream.range(0, columns.nodes())
                    .mapToObj(w -> new SparseMatrix(patterns.get(o).get(w), values(o, w))).toList()).toList();
        }

        @Override
        public void collect(int first, int passes, @Nullable Derivative[] derivatives) {
            List<int[]> groups = compression.groups().subList(first, first + passes);
            for (int node = 0; node < derivatives.length; node++) {
                Derivative derivative = derivatives[node];
                if (derivative == null) {
                    continue;
                }
                if (compression.isMirrored()) {
                    collectMirrored(groups, node, derivative);
                } else if (compression.mode() == Mode.FORWARD) {
                    collectColumns(groups, node, derivative);
                } else {
                    collectRows(groups, node, derivative);
                }
            }
        }

        private void collectRows(List<int[]> groups, int w, Derivative derivative) {
            if (isWhole(groups, w, derivative)) {
                values.put(w, derivative.values);
                return;
            }
            int length = columns.length(w);
            for (int pass = 0; pass < groups.size(); pass++) {
                for (int member : groups.get(pass)) {
                    int o = rows.node(member);
                    SparsePattern pattern = patterns.get(o).get(w);
                    for (int sample = 0; sample < samples; sample++) {
                        int row = sample * rows.length(o) + member - rows.offset(o);
                        copyRow(derivative.values, derivative.at(sample, pass, length), pattern, row, values(o, w));
                    }
                }
            }
        }

        /** Whether the passes of this batch are the rows of the only result, in order, so that nothing has to be copied. */
        private boolean isWhole(List<int[]> groups, int w, Derivative derivative) {
            SparsePattern pattern = patterns.getFirst().get(w);
            return rows.nodes() == 1 && pattern.isFull() && pattern.entries() == derivative.values.length
                    && derivative.batch == rows.length(0) && groups.size() == derivative.batch
                    && IntStream.range(0, groups.size()).allMatch(pass -> Arrays.equals(groups.get(pass), new int[]{pass}));
        }

        private static void copyRow(double[] from, int at, SparsePattern pattern, int row, double[] to) {
            int[] held = pattern.columns()[row];
            int start = pattern.starts()[row];
            if (held.length == pattern.width()) {
                System.arraycopy(from, at, to, start, held.length);
                return;
            }
            for (int i = 0; i < held.length; i++) {
                to[start + i] = from[at + held[i]];
            }
        }

        private void collectColumns(List<int[]> groups, int o, Derivative derivative) {
            List<FullColumn> full = new ArrayList<>();
            for (int pass = 0; pass < groups.size(); pass++) {
                for (int member : groups.get(pass)) {
                    int w = columns.node(member);
                    if (patterns.get(o).get(w).isFull()) {
                        full.add(new FullColumn(values(o, w), member - columns.offset(w), columns.length(w), pass));
                    } else {
                        copyColumn(member, o, derivative, pass);
                    }
                }
            }
            int length = rows.length(o);
            for (int sample = 0; sample < samples; sample++) {
                for (int first = 0; first < length; first += TILE) {
                    for (FullColumn column : full) {
                        int from = derivative.at(sample, column.pass, length) + first;
                        column.write(derivative.values, from, sample * length + first, Math.min(TILE, length - first));
                    }
                }
            }
        }

        private void copyColumn(int member, int o, Derivative derivative, int pass) {
            int w = columns.node(member);
            int length = rows.length(o);
            SparsePattern pattern = patterns.get(o).get(w);
            double[] to = values(o, w);
            int[] held = compression.partners()[member];
            int start = SparsePattern.position(held, rows.offset(o));
            for (int sample = 0; sample < samples; sample++) {
                int from = derivative.at(sample, pass, length);
                for (int i = start; i < held.length && held[i] < rows.offset(o) + length; i++) {
                    int row = held[i] - rows.offset(o);
                    to[pattern.entry(sample * length + row, member - columns.offset(w))] = derivative.values[from + row];
                }
            }
        }

        /** Copies entries of a symmetric matrix, in which rows and columns are numbered alike, to both places at which they stand. */
        private void collectMirrored(List<int[]> groups, int node, Derivative derivative) {
            int offset = rows.offset(node);
            int length = rows.length(node);
            for (int pass = 0; pass < groups.size(); pass++) {
                for (int member : groups.get(pass)) {
                    int[] partners = compression.partners()[member];
                    int end = SparsePattern.position(partners, offset + length);
                    for (int i = SparsePattern.position(partners, offset); i < end; i++) {
                        for (int sample = 0; sample < samples; sample++) {
                            double value = derivative.values[derivative.at(sample, pass, length) + partners[i] - offset];
                            set(partners[i], member, sample, value);
                            set(member, partners[i], sample, value);
                        }
                    }
                }
            }
        }

        private void set(int row, int column, int sample, double value) {
            int o = rows.node(row);
            int w = columns.node(column);
            int inBlock = sample * rows.length(o) + row - rows.offset(o);
            values(o, w)[patterns.get(o).get(w).entry(inBlock, column - columns.offset(w))] = value;
        }
    }
}
