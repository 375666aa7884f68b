package io.chainrule.service.program;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Shapes;
import io.chainrule.core.Transformation;
import io.chainrule.core.picture.Picture;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.core.picture.PictureLimits;
import io.chainrule.core.picture.PictureOptions;
import io.chainrule.core.picture.WireWidth;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Draws programs with their values and gradients. Throws the same exceptions as {@link GradientService}. */
@Service
public final class PictureService {
    private final Functions functions;
    private final Limits limits;

    public PictureService(Functions functions, Limits limits) {
        this.functions = functions;
        this.limits = limits;
    }

    /** A picture of the program; without gradients, it is run forward only. {@code cotangent} is that of the output; null for 1. */
    public Answer<Answer.Drawing> draw(Query query, @Nullable Tensor cotangent, PictureOptions options, PictureFormat format) {
        Map<String, Tensor> seeds = cotangent == null || !options.gradients() ? Map.of() : Map.of("cotangent", cotangent);
        Transformation asked = options.gradients()
                ? new Transformation.Gradient(Shapes.ofValues(seeds), Transformation.Locals.NONE, Transformation.Remarks.NONE,
                        options.wires() == WireWidth.CONTRIBUTION
                                ? Transformation.Extra.CONTRIBUTIONS
                                : Transformation.Extra.NOTHING)
                : new Transformation.Value(Transformation.Remarks.NONE);
        try (Work<CompiledFunction> work = functions.open(query, asked, CompiledFunction.class)) {
            Outcome outcome = work.function().call(work.inputs(), seeds, work.runner());
            PictureLimits within = new PictureLimits(limits.pictureParts(), limits.picturePixels(), work.reservation()::add,
                    work.runner().parallel());
            return functions.write(work, PictureService.class,
                    () -> Answer.of(new Answer.Drawing(format, Picture.of(outcome, options).write(format, within)), work));
        }
    }
}
