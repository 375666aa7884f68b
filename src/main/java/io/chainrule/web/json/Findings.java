package io.chainrule.web.json;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.RequestException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationContext;

/** The errors found in a body so far. Reading goes on after an error, so that the answer lists all of them. */
final class Findings {
    private final List<ErrorDetail> errors = new ArrayList<>();

    static @Nullable Findings of(DeserializationContext context) {
        return (Findings) context.getAttribute(Findings.class);
    }

    static Findings start(DeserializationContext context) {
        Findings findings = new Findings();
        context.setAttribute(Findings.class, findings);
        return findings;
    }

    static void report(DeserializationContext context, ErrorDetail error) {
        Findings findings = of(context);
        if (findings == null) {
            throw new RequestException(error);
        }
        findings.add(error);
    }

    void add(ErrorDetail error) {
        errors.add(error);
        if (errors.size() == RequestException.MOST) {
            throw exception();
        }
    }

    void throwIfAny() {
        if (!errors.isEmpty()) {
            throw exception();
        }
    }

    RequestException exception() {
        return new RequestException(errors);
    }
}
