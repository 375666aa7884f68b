package io.chainrule.core.training;

import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The state of a training, written to bytes or read from them. Each class that has a part of it passes its fields through one method, in
 * one order, so that what is written and what is read cannot differ: {@code step = state.whole(step)}.
 */
final class TrainingState {
    /** Bytes of another form are refused. To be raised whenever the fields that are written change. */
    private static final int FORM = 2;
    private static final int MAGIC = 0x43_52_54_53;

    private final @Nullable DataOutputStream out;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final @Nullable DataInputStream in;

    private TrainingState(@Nullable DataInputStream in) {
        this.in = in;
        out = in == null ? new DataOutputStream(written) : null;
    }

    /** A state to be written. */
    static TrainingState toWrite() {
        TrainingState state = new TrainingState(null);
        state.whole(MAGIC);
        state.whole(FORM);
        return state;
    }

    /** A state to be read. Throws {@link UnreadableBytesException} if the bytes are of another form. */
    static TrainingState of(byte[] bytes) {
        TrainingState state = new TrainingState(new DataInputStream(new ByteArrayInputStream(bytes)));
        if (bytes.length < 2 * Long.BYTES || state.whole(0) != MAGIC || state.whole(0) != FORM) {
            throw new UnreadableBytesException("these bytes are no state of a training of this version of Chainrule");
        }
        return state;
    }

    byte[] bytes() {
        return written.toByteArray();
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private static <T> T io(Step<T> step) {
        try {
            return step.run();
        } catch (IOException e) {
            throw new UnreadableBytesException("the state of the training ends too early", e);
        }
    }

    long whole(long value) {
        return io(() -> {
            if (in != null) {
                return in.readLong();
            }
            target().writeLong(value);
            return value;
        });
    }

    double number(double value) {
        return Double.longBitsToDouble(whole(Double.doubleToRawLongBits(value)));
    }

    boolean flag(boolean value) {
        return whole(value ? 1 : 0) == 1;
    }

    String text(String value) {
        return io(() -> {
            if (in != null) {
                return SerialForm.text(in);
            }
            SerialForm.write(value, target());
            return value;
        });
    }

    /** Fills an array when it reads. */
    void numbers(double[] values) {
        checkLength(values.length);
        ByteBuffer buffer = ByteBuffer.allocate(Double.BYTES * values.length);
        buffer.asDoubleBuffer().put(values);
        bytes(buffer.array());
        buffer.asDoubleBuffer().get(values);
    }

    void wholes(long[] values) {
        checkLength(values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = whole(values[i]);
        }
    }

    void wholes(int[] values) {
        checkLength(values.length);
        ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES * values.length);
        buffer.asIntBuffer().put(values);
        bytes(buffer.array());
        buffer.asIntBuffer().get(values);
    }

    private void bytes(byte[] values) {
        io(() -> {
            if (in != null) {
                in.readFully(values);
            } else {
                target().write(values);
            }
            return true;
        });
    }

    void flags(boolean[] values) {
        checkLength(values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = flag(values[i]);
        }
    }

    /** Fills arrays of the same names. */
    void tensors(Map<String, Tensor> values) {
        checkLength(values.size());
        values.forEach((name, value) -> {
            check(text(name), name);
            numbers(value.data());
        });
    }

    /** {@code value} is passed through {@code part} unless it is null. */
    <T> @Nullable T optional(@Nullable T value, Function<@Nullable T, T> part) {
        return flag(value != null) ? part.apply(value) : null;
    }

    /** Replaces the items of a list that may be changed. */
    <T> void list(List<T> items, Function<@Nullable T, T> part) {
        long size = whole(items.size());
        if (in == null) {
            items.replaceAll(part::apply);
            return;
        }
        items.clear();
        for (long i = 0; i < size; i++) {
            items.add(part.apply(null));
        }
    }

    /** Returns numbers by name, in their order. */
    Map<String, Double> named(Map<String, Double> values) {
        List<Map.Entry<String, Double>> entries = new ArrayList<>(values.entrySet());
        list(entries, entry -> Map.entry(text(entry == null ? "" : entry.getKey()), number(entry == null ? 0 : entry.getValue())));
        Map<String, Double> named = new LinkedHashMap<>();
        entries.forEach(entry -> named.put(entry.getKey(), entry.getValue()));
        return named;
    }

    private DataOutputStream target() {
        if (out == null) {
            throw new IllegalStateException("the state is read");
        }
        return out;
    }

    private void checkLength(int length) {
        check(String.valueOf(whole(length)), String.valueOf(length));
    }

    private static void check(String found, String expected) {
        if (!found.equals(expected)) {
            throw new UnreadableBytesException("the state is of another training: it has " + found + " where this one has " + expected);
        }
    }
}
