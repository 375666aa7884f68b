package io.chainrule.service.bulk;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The losses of at most 1,000 epochs: evenly spaced ones, and the latest. */
final class EpochHistory {
    static final int MOST = 1_000;

    private final List<Epoch> epochs = new ArrayList<>();
    /** Besides the latest epoch the first one is kept, and each that comes so many after one that is kept. */
    private long between = 1;
    private @Nullable Epoch last;

    void add(Epoch epoch) {
        last = epoch;
        if (!epochs.isEmpty() && !isKept(epochs.getLast())) {
            epochs.removeLast();
        }
        epochs.add(epoch);
        if (epochs.size() > MOST) {
            between *= 2;
            epochs.removeIf(one -> one.number() != epoch.number() && !isKept(one));
        }
    }

    /** Makes an epoch the last one whose loss is not recorded. */
    void end(Epoch epoch) {
        last = epoch;
    }

    /** The last epoch; null if there was none. */
    @Nullable
    Epoch last() {
        return last;
    }

    private boolean isKept(Epoch epoch) {
        return (epoch.number() - 1) % between == 0;
    }

    List<Epoch> epochs() {
        return List.copyOf(epochs);
    }

    void write(DataOutputStream out) throws IOException {
        out.writeLong(between);
        out.writeInt(epochs.size());
        for (Epoch epoch : epochs) {
            out.writeLong(epoch.number());
            out.writeDouble(epoch.loss());
            out.writeBoolean(epoch.validationLoss() != null);
            if (epoch.validationLoss() != null) {
                out.writeDouble(epoch.validationLoss());
            }
        }
    }

    /** Reads what {@link #write} has written. */
    void read(DataInputStream in) throws IOException {
        between = in.readLong();
        for (int left = in.readInt(); left > 0; left--) {
            long number = in.readLong();
            double loss = in.readDouble();
            epochs.add(new Epoch(number, loss, in.readBoolean() ? in.readDouble() : null));
        }
        last = epochs.isEmpty() ? null : epochs.getLast();
    }
}
