package io.chainrule.core.reduction;

import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The number, sum, mean and variance of arrays of one shape, element by element. Terms are added exactly, and each result is rounded once,
 * to the nearest double. So results have the same bits in whatever order terms come, and however they are divided among several of these
 * that are then added to each other. Not thread-safe.
 *
 * <p>Terms that are not finite count as in IEEE arithmetic: a sum with a NaN, or with both infinities, is NaN, and so is a variance with
 * any of them. A sum of which all terms are −0 is −0. A finite sum may have partial sums that no double can hold.
 */
public final class Moments {
    private static final int FORM = 0x43_4D_01;
    private static final int VALUE_EXPONENT = -1075;
    /** Of a number without limbs. */
    private static final long BYTES_AN_ELEMENT = 2;

    private final Shape shape;
    private final Order order;
    private final int length;
    private final Limbs sums;
    private final @Nullable Limbs squares;
    private final Specials specials;
    private long count;

    /** Which moments are accumulated: the first alone, for sums and means, or the second too, for variances. */
    public enum Order {
        FIRST,
        SECOND
    }

    /** @throws IllegalArgumentException if the shape has so many elements that the sums might fit into no array */
    public Moments(Shape shape, Order order) {
        int limbs = order == Order.FIRST ? Limbs.OF_VALUES : Limbs.OF_SQUARES;
        if (shape.size() > Limbs.mostElements(limbs)) {
            throw new IllegalArgumentException(
                    "arrays of " + Limbs.mostElements(limbs) + " elements at most can be summed, not of shape " + shape);
        }
        this.shape = shape;
        this.order = order;
        length = shape.length();
        sums = new Limbs(length, Limbs.OF_VALUES);
        squares = order == Order.FIRST ? null : new Limbs(length, Limbs.OF_SQUARES);
        specials = new Specials(length);
    }

    /** The memory in bytes that moments take at most, which they do where terms have all sizes that doubles can have. */
    public static long mostBytes(Shape shape, Order order) {
        int limbs = Limbs.OF_VALUES + (order == Order.FIRST ? 0 : Limbs.OF_SQUARES);
        return shape.size() * (Long.BYTES * (limbs + 1L) + 1);
    }

    public Shape shape() {
        return shape;
    }

    public Order order() {
        return order;
    }

    /** How many arrays were added; 2^63 − 1 at most. */
    public long count() {
        return count;
    }

    /** The memory that is taken, in bytes. */
    public long bytes() {
        return sums.bytes() + (squares == null ? 0 : squares.bytes()) + specials.bytes();
    }

    /** Adds an array, whose elements begin at {@code from}. */
    public void add(double[] values, int from) {
        count++;
        if (!sums.add(values, from)) {
            specials.add(values, from);
        }
        if (squares != null) {
            squares.addSquares(values, from);
        }
    }

    /**
     * Adds all that was added to others, which stay as they are.
     *
     * @throws IllegalArgumentException if they are of another shape or order
     */
    public void add(Moments others) {
        if (!shape.equals(others.shape) || order != others.order) {
            throw new IllegalArgumentException("moments of shape " + shape + ", " + order + ", cannot be added to those of shape "
                    + others.shape + ", " + others.order);
        }
        count = Math.addExact(count, others.count);
        sums.add(others.sums);
        if (squares != null && others.squares != null) {
            squares.add(others.squares);
        }
        specials.add(others.specials);
    }

    /** The sums; 0 where nothing was added. */
    public Tensor sum() {
        return each(i -> first(i, BigInteger.ONE));
    }

    /** The means; NaN where nothing was added. */
    public Tensor mean() {
        return each(i -> count == 0 ? Double.NaN : first(i, BigInteger.valueOf(count)));
    }

    /**
     * The variances {@code (Σx² − (Σx)²/n) / (n − ddof)}, rounded once; NaN where {@code n ≤ ddof}.
     *
     * @param ddof the delta degrees of freedom, as NumPy calls them: 0 for the variance of the terms themselves, 1 for the unbiased
     *        estimate of the variance of what they are a sample of
     * @throws IllegalStateException if these moments are of the first order alone
     */
    public Tensor variance(int ddof) {
        Limbs second = squares;
        if (second == null) {
            throw new IllegalStateException("moments of the first order have no variance");
        }
        BigInteger n = BigInteger.valueOf(count);
        BigInteger denominator = n.multiply(n.subtract(BigInteger.valueOf(ddof)));
        return each(i -> {
            if (count <= ddof || !specials.isFinite(i)) {
                return Double.NaN;
            }
            BigInteger numerator = n.multiply(second.number(i)).subtract(sums.number(i).pow(2));
            return ExactRounding.rounded(numerator, denominator, 2 * VALUE_EXPONENT);
        });
    }

    private Tensor each(IntToDoubleFunction result) {
        Tensor results = Tensor.zeros(shape);
        Arrays.setAll(results.data(), result);
        return results;
    }

    private double first(int i, BigInteger divisor) {
        if (!specials.isFinite(i)) {
            return specials.sum(i);
        }
        return specials.isNegativeZero(i, count) ? -0.0 : ExactRounding.rounded(sums.upper(i), divisor, VALUE_EXPONENT + sums.bitsBelow());
    }

    /** Serializes the moments. Equal bytes mean that sums, means and variances are equal. */
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeByte(squares == null ? 1 : 2);
            out.writeByte(shape.rank());
            for (int dim : shape.dims()) {
                out.writeInt(dim);
            }
            out.writeLong(count);
            sums.write(out);
            if (squares != null) {
                squares.write(out);
            }
            specials.write(out);
        });
    }

    /**
     * Reads what {@link #toBytes} has written.
     *
     * @throws UnreadableBytesException if the bytes are none that this version of the program writes
     */
    public static Moments of(byte[] bytes) {
        return SerialForm.read(bytes, FORM, "moments", in -> {
            int order = in.readUnsignedByte();
            int[] dims = new int[in.readUnsignedByte()];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = in.readInt();
            }
            if (order < 1 || order > 2 || Arrays.stream(dims).anyMatch(dim -> dim < 0)) {
                throw new IOException("order " + order + " or shape " + Arrays.toString(dims) + " does not exist");
            }
            Moments moments = new Moments(Shape.of(dims), order == 1 ? Order.FIRST : Order.SECOND);
            moments.read(in);
            return moments;
        });
    }

    private void read(DataInputStream in) throws IOException {
        if (in.available() < BYTES_AN_ELEMENT * length) {
            throw new EOFException();
        }
        count = in.readLong();
        sums.read(in);
        if (squares != null) {
            squares.read(in);
        }
        specials.read(in);
    }
}
