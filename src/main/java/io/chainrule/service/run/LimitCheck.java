package io.chainrule.service.run;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.picture.Picture;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Stops the start if a limit was set that the heap cannot keep. Defaults are for a heap of 512 MiB; with a smaller one, those that nobody
 * set are lowered to what fits.
 */
@Component
final class LimitCheck {
    /** The part of the heap that is left for what is not estimated. */
    private static final int PART_NOT_SHARED = 10;
    private static final String SHARED = "the memory that all requests share";

    private final Binder properties;

    @Autowired
    LimitCheck(Limits limits, Budget budget, Environment environment) {
        this(limits, budget, Binder.get(environment), Runtime.getRuntime().maxMemory());
    }

    LimitCheck(Limits limits, Budget budget, Binder properties, long heap) {
        this.properties = properties;
        check(Budget.LIMIT, limits.sharedBytes(), heap - heap / PART_NOT_SHARED,
                "the heap has " + heap + " bytes, of which a tenth is left for what is not estimated");
        long shared = budget.total();
        String reason = SHARED + " has " + shared + " bytes (" + Limits.property(Budget.LIMIT) + ")";
        check("bytes", limits.bytes(), shared, reason);
        check("cache-bytes", limits.cacheBytes(), shared / FunctionCache.PART_OF_BUDGET,
                "compiled functions may take 1/" + FunctionCache.PART_OF_BUDGET + " of that, and " + reason);
        check("body-bytes", limits.bodyBytes(), shared / Limits.MEMORY_PER_BYTE_OF_BODY,
                "each byte of a body may take " + Limits.MEMORY_PER_BYTE_OF_BODY + " of memory, and " + reason);
        check("answer-bytes", limits.answerBytes(), shared / 2, "an answer is twice in memory while it grows, and " + reason);
        check("nodes", limits.nodes(), shared / BuildLimits.BYTES_A_WRITTEN_NODE,
                "a node takes " + BuildLimits.BYTES_A_WRITTEN_NODE + " bytes, and " + reason);
        check("picture-pixels", limits.picturePixels(), shared / Picture.BYTES_A_PIXEL,
                "a pixel takes " + Picture.BYTES_A_PIXEL + " bytes, and " + reason);
        long run = Math.min(limits.bytes(), shared);
        String ofRun = " takes " + Double.BYTES + " bytes, and a run has " + run + " (" + Limits.property("bytes") + ")";
        check("tensor-elements", limits.tensorElements(), run / Double.BYTES, "an element" + ofRun);
        check("jacobian-entries", limits.jacobianEntries(), run / Double.BYTES, "an entry" + ofRun);
    }

    private void check(String limit, long value, long most, String reason) {
        String property = Limits.property(limit);
        if (value > most && properties.bind(property, String.class).isBound()) {
            throw new UnfitLimitException(property, value, most, reason);
        }
    }
}
