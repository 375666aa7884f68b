package io.chainrule.web.http;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** The request attribute for one of the trainings that a client may have at once. */
public final class TrainingPlace {
    private static final String ATTRIBUTE = TrainingPlace.class.getName();

    private TrainingPlace() {}

    /** Stores the action that {@link #end} runs when the training of this request ends. */
    public static void note(HttpServletRequest request, Runnable end) {
        request.setAttribute(ATTRIBUTE, end);
    }

    /** Runs the stored action and removes it. Does nothing if there is no action, because the training has ended or there was none. */
    public static void end(HttpServletRequest request) {
        @Nullable
        Object end = request.getAttribute(ATTRIBUTE);
        if (end instanceof Runnable known) {
            request.removeAttribute(ATTRIBUTE);
            known.run();
        }
    }
}
