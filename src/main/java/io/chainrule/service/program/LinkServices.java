package io.chainrule.service.program;

import io.chainrule.service.run.Admission;
import io.chainrule.service.run.FunctionCache;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import org.springframework.stereotype.Component;

/** The services that answer links. A page may hold many links, and whoever opens it asks for all of them, so that each may cost little. */
@Component
public final class LinkServices {
    private final GradientService gradients;
    private final PictureService pictures;
    private final PlotService plots;
    private final Limits limits;

    public LinkServices(Admission admission, FunctionCache cache) {
        limits = admission.limits().ofLinks();
        Admission ofLinks = admission.within(limits);
        Functions functions = new Functions(ofLinks, cache);
        gradients = new GradientService(functions, ofLinks);
        pictures = new PictureService(functions, limits);
        plots = new PlotService(functions);
    }

    public GradientService gradients() {
        return gradients;
    }

    public PictureService pictures() {
        return pictures;
    }

    public PlotService plots() {
        return plots;
    }

    /** A tenth of what a body may ask for, or less. */
    public Limits limits() {
        return limits;
    }
}
