package io.chainrule.web.http;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** The request attribute for one of the trainings that a client may have at once. */
public final class TrainingPlace {
    private static final String ATTRIBUTE = TrainingPlace.class.getName();

    private TrainingPlace() {}

    /** Notes what is to be done when the training of a request has ended. */
    public static void note(HttpServletRequest request, Runnable end) {
        request.setAttribute(ATTRIBUTE, end);
    }

    /** Notes that the training has ended. This does nothing if that is known already, or if the request trains nothing. */
    public static void end(HttpServletRequest request) {
        @Nullable
        Object end = request.getAttribute(ATTRIBUTE);
        if (end instanceof Runnable known) {
            request.removeAttribute(ATTRIBUTE);
            known.run();
        }
    }
}
