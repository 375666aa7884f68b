package io.chainrule.core.fit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
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
    private static final int FORMAT = 0x43_4C_01;

    /** A step, and how it changed the gradient. */
    public record Pair(double[] step, double[] change) {}

    public LbfgsState {
        pairs = List.copyOf(pairs);
    }

    /** The state as it goes on with more steps, after it has ended with a number of them; other states are returned as they are. */
    public LbfgsState goingOn() {
        return stop == Lbfgs.Stop.ITERATIONS ? new LbfgsState(iteration, evaluations, point, value, gradient, pairs, null) : this;
    }

    /** The state as bytes, by which the minimisation goes on with the same bits. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(FORMAT);
            out.writeInt(point.length);
            out.writeInt(pairs.size());
            out.writeLong(iteration);
            out.writeLong(evaluations);
            out.writeUTF(stop == null ? "" : stop.name());
            out.writeDouble(value);
            write(point, out);
            write(gradient, out);
            for (Pair pair : pairs) {
                write(pair.step, out);
                write(pair.change, out);
            }
        } catch (IOException e) {
            throw new IllegalStateException("nothing that is written to memory fails", e);
        }
        return bytes.toByteArray();
    }

    private static void write(double[] numbers, DataOutputStream out) throws IOException {
        for (double number : numbers) {
            out.writeDouble(number);
        }
    }

    /**
     * Reads what {@link #toBytes} has written.
     *
     * @throws IllegalArgumentException if the bytes are none that this version of the program writes
     */
    public static LbfgsState of(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readInt();
            if (format != FORMAT) {
                throw new IOException("they begin with " + Integer.toHexString(format) + ", not with " + Integer.toHexString(FORMAT));
            }
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
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("these bytes are no state of a minimisation: " + e.getMessage(), e);
        }
    }

    private static double[] read(int length, DataInputStream in) throws IOException {
        double[] numbers = new double[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = in.readDouble();
        }
        return numbers;
    }
}
