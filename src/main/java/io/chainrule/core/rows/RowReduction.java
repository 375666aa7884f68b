package io.chainrule.core.rows;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums, means and variances over rows of all that is computed of them. Reductions of parts of the rows are added to each other; the result
 * has the same bits for all partitions and orders of the rows. Not thread-safe.
 */
public final class RowReduction implements RowSink {
    private static final int FORM = 0x43_52_01;

    private final List<RowQuantity> quantities;
    private final List<Moments> moments;

    /** Begins with no rows; {@code order} says whether there are to be variances. */
    public RowReduction(List<RowQuantity> quantities, Moments.Order order) {
        this(quantities, quantities.stream().map(quantity -> new Moments(quantity.shape(), order)).toList());
    }

    private RowReduction(List<RowQuantity> quantities, List<Moments> moments) {
        this.quantities = List.copyOf(quantities);
        this.moments = moments;
    }

    /** The memory in bytes that a reduction takes at most. */
    public static long mostBytes(List<RowQuantity> quantities, Moments.Order order) {
        return quantities.stream().mapToLong(quantity -> Moments.mostBytes(quantity.shape(), order)).sum();
    }

    @Override
    public void accept(RowResults results) {
        for (int k = 0; k < moments.size(); k++) {
            double[] values = results.values(k);
            Moments ofQuantity = moments.get(k);
            int size = ofQuantity.shape().length();
            for (int row = 0; row < results.rows(); row++) {
                if (!results.isOmitted(row)) {
                    ofQuantity.add(values, row * size);
                }
            }
        }
    }

    /** What was reduced, in the order of {@link #moments()}. */
    public List<RowQuantity> quantities() {
        return quantities;
    }

    /** The moments of each quantity. */
    public List<Moments> moments() {
        return moments;
    }

    /** How many rows were added. */
    public long count() {
        return moments.getFirst().count();
    }

    /** The memory that is taken, in bytes. */
    public long bytes() {
        return moments.stream().mapToLong(Moments::bytes).sum();
    }

    /**
     * Adds the rows of another reduction of the same quantities.
     *
     * @throws IllegalArgumentException if it is of others
     */
    public void add(RowReduction others) {
        if (!quantities.equals(others.quantities)) {
            throw new IllegalArgumentException("a reduction of " + others.quantities + " cannot be added to one of " + quantities);
        }
        for (int k = 0; k < moments.size(); k++) {
            moments.get(k).add(others.moments.get(k));
        }
    }

    /** Serializes the moments. Equal bytes mean equal results. The quantities are left out, since the program tells them. */
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeInt(moments.size());
            for (Moments one : moments) {
                SerialForm.write(one.toBytes(), out);
            }
        });
    }

    /**
     * Reads what {@link #toBytes} has written.
     *
     * @param quantities those of the function whose results were reduced
     * @throws UnreadableBytesException if the bytes are no reduction of these that this version of the program writes
     */
    public static RowReduction of(List<RowQuantity> quantities, byte[] bytes) {
        return SerialForm.read(bytes, FORM, "a reduction", in -> {
            int count = in.readInt();
            if (count != quantities.size()) {
                throw new IOException("they have " + count + " quantities, not " + quantities.size());
            }
            List<Moments> all = new ArrayList<>();
            for (RowQuantity quantity : quantities) {
                Moments moments = Moments.of(SerialForm.bytes(in));
                if (!moments.shape().equals(quantity.shape())) {
                    throw new IOException(quantity + " has shape " + quantity.shape() + ", not " + moments.shape());
                }
                all.add(moments);
            }
            return new RowReduction(quantities, all);
        });
    }
}
