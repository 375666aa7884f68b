package io.chainrule.service.program;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Shapes;
import io.chainrule.core.Transformation;
import io.chainrule.core.picture.Picture;
import io.chainrule.core.picture.PictureOptions;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Draws programs with their values and gradients. Throws the same exceptions as {@link GradientService}. */
@Service
public final class PictureService {
    private final Functions functions;

    public PictureService(Functions functions) {
        this.functions = functions;
    }

    /** A picture of the program; without gradients, it is run forward only. {@code cotangent} is that of the output; null for 1. */
    public Answer<Answer.Drawing> draw(Query query, @Nullable Tensor cotangent, PictureOptions options) {
        Map<String, Tensor> seeds = cotangent == null || !options.gradients() ? Map.of() : Map.of("cotangent", cotangent);
        Transformation asked = options.gradients()
                ? new Transformation.Gradient(Shapes.ofValues(seeds), Transformation.Locals.NONE, Transformation.Remarks.NONE)
                : new Transformation.Value(Transformation.Remarks.NONE);
        try (Work<CompiledFunction> work = functions.open(query, asked, CompiledFunction.class)) {
            Outcome outcome = work.function().call(work.inputs(), seeds, work.runner());
            Picture picture = Picture.of(outcome, options);
            return Answer.of(new Answer.Drawing(picture.svg(work.runner().checkpoint())), work);
        }
    }
}
