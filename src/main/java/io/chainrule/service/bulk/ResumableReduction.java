package io.chainrule.service.bulk;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sums over rows of the loss, and of its gradients if the function has them, by one set of parameters after another. */
final class ResumableReduction {
    private final BulkWork work;
    private final double secondsARow;
    private byte @Nullable [] earlier;
    private @Nullable Reduction underWay;

    ResumableReduction(BulkWork work, double secondsARow) {
        this.work = work;
        this.secondsARow = secondsARow;
    }

    /** Reduces the rows by these parameters, or goes on with that. */
    Reduction reduce(Map<String, Tensor> parameters, RowEngine engine, BulkProgress progress) {
        Reduction reduction = Reduction.of(work.with(work.function().with(parameters)), Moments.Order.FIRST, secondsARow, earlier);
        earlier = null;
        underWay = reduction;
        reduction.run(engine, progress);
        underWay = null;
        return reduction;
    }

    /** How far the reduction under way has come; empty if there is none. */
    byte[] state() {
        Reduction current = underWay;
        return current == null ? new byte[0] : current.state();
    }

    /** Goes on from a state. Throws {@link UnreadableBytesException} if it is of other work. */
    void resume(byte[] state) {
        earlier = Reduction.checked(work, state);
    }
}
