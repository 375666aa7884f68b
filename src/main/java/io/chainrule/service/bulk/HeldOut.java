package io.chainrule.service.bulk;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The mean loss over rows that are not fitted, as far as it has been computed. */
final class HeldOut {
    private final BulkWork work;
    private final double secondsARow;
    private byte @Nullable [] earlier;
    private @Nullable Reduction underWay;

    HeldOut(BulkWork work, double secondsARow) {
        this.work = work;
        this.secondsARow = secondsARow;
    }

    /** Computes the loss by these parameters, or goes on with it. */
    double loss(Map<String, Tensor> parameters, RowEngine engine, BulkProgress progress) {
        BulkWork here = new BulkWork(work.rows(), work.function().with(parameters), work.policy().ofFit());
        Reduction reduction = Reduction.of(here, Moments.Order.FIRST, secondsARow, earlier);
        earlier = null;
        underWay = reduction;
        reduction.run(engine, progress);
        underWay = null;
        return reduction.moments().moments().getFirst().mean().item();
    }

    /** What has been computed of a loss; empty if none is under way. */
    byte[] state() {
        Reduction current = underWay;
        return current == null ? new byte[0] : current.state();
    }

    /** Goes on from a state. Throws {@link UnreadableBytesException} if it is of other work. */
    void resume(byte[] state) {
        earlier = Reduction.checked(work, state);
    }
}
