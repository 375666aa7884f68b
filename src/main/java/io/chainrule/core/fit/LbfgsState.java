package io.chainrule.core.fit;

import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a minimisation is between two steps, and all that the next one depends on. Its arrays are not to be changed.
 *
 * @param iteration how many steps were made
 * @param evaluations how often the function was evaluated
 * @param point the best point so far
 * @param value the function there
 * @param gradient its gradient there
 * @param pairs the remembered steps, the latest last
 * @param stop why there are no more steps; null if there are
 */
public record LbfgsState(long iteration, long evaluations, double[] point, double value, double[] gradient, List<Pair> pairs,
        Lbfgs.@Nullable Stop stop) {
    private static final int FORM = 0x43_4C_01;

    /** A step, and how it changed the gradient. */
    public record Pair(double[] step, double[] change) {}

    public LbfgsState {
        pairs = List.copyOf(pairs);
    }

    /** The state as bytes, by which the minimisation goes on with the same bits. */
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeInt(point.length);
            out.writeInt(pairs.size());
            out.writeLong(iteration);
            out.writeLong(evaluations);
            out.writeUTF(stop == null ? "" : stop.name());
            out.writeDouble(value);
            Vectors.write(point, out);
            Vectors.write(gradient, out);
            for (Pair pair : pairs) {
                Vectors.write(pair.step, out);
                Vectors.write(pair.change, out);
            }
        });
    }

    /**
     * Reads what {@link #toBytes} has written.
     *
     * @throws UnreadableBytesException if the bytes are none that this version of the program writes
     */
    public static LbfgsState of(byte[] bytes) {
        return SerialForm.read(bytes, FORM, "a state of a minimisation", in -> {
            int length = in.readInt();
            int remembered = in.readInt();
            long iteration = in.readLong();
            long evaluations = in.readLong();
            String stop = in.readUTF();
            double value = in.readDouble();
            if (length < 0 || remembered < 0 || in.available() != (2L + 2L * remembered) * Double.BYTES * length) {
                throw new IOException("they have another length than that of " + remembered + " steps of " + length + " numbers");
            }
            double[] point = read(length, in);
            double[] gradient = read(length, in);
            List<Pair> pairs = new ArrayList<>();
            for (int k = 0; k < remembered; k++) {
                pairs.add(new Pair(read(length, in), read(length, in)));
            }
            return new LbfgsState(iteration, evaluations, point, value, gradient, pairs, stop.isEmpty() ? null : Lbfgs.Stop.valueOf(stop));
        });
    }

    private static double[] read(int length, DataInputStream in) throws IOException {
        double[] numbers = new double[length];
        Vectors.read(numbers, in);
        return numbers;
    }
}
