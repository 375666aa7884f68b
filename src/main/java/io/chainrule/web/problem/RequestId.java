package io.chainrule.web.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.util.AlternativeJdkIdGenerator;
import org.springframework.util.IdGenerator;

/** The name by which client and log speak of the same request: the client's header {@code Request-Id}, or an id that is made here. */
public final class RequestId {
    public static final String HEADER = "Request-Id";

    private static final String ATTRIBUTE = RequestId.class.getName();
    /** Short and without blanks or quotes, since the log repeats it. */
    private static final Pattern ACCEPTED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._~:/+=@-]{0,127}");

    /** An id need not be hard to guess, only unlike others. */
    private static final IdGenerator IDS = new AlternativeJdkIdGenerator();

    private RequestId() {}

    /** The same id whenever it is asked for. A header that is not of the accepted form counts as absent. */
    public static String of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof String known) {
            return known;
        }
        String given = request.getHeader(HEADER);
        String id = isAccepted(given) ? given : IDS.generateId().toString();
        request.setAttribute(ATTRIBUTE, id);
        return id;
    }

    private static boolean isAccepted(@Nullable String given) {
        return given != null && ACCEPTED.matcher(given).matches();
    }
}
