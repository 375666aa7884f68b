package io.chainrule.web.v1;

import io.chainrule.service.run.Turn;
import io.chainrule.web.problem.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/** A response of Server-Sent Events, each of which has one line of JSON as its data. */
public final class EventStream {
    private static final String COMMENT = ":\n\n";

    private final HttpServletResponse response;
    private final JsonMapper json;
    private volatile boolean isGone;
    private volatile boolean hasBegun;

    public EventStream(HttpServletResponse response, JsonMapper json) {
        this.response = response;
        this.json = json;
    }

    /** Whether the client prefers events to a single response, or accepts both equally and names only events. */
    public static boolean isWanted(HttpServletRequest request) {
        Accepted accepted = Accepted.by(request);
        double events = accepted.quality(MediaType.TEXT_EVENT_STREAM);
        double whole = accepted.quality(MediaType.APPLICATION_JSON);
        return events > whole
                || events == whole && accepted.names(MediaType.TEXT_EVENT_STREAM) && !accepted.names(MediaType.APPLICATION_JSON);
    }

    /**
     * Does work, during which the stream may begin, and sends what it answers as the last event. If it fails after the beginning, that
     * event is an error; before it, the request is answered by a status, as where there are no events.
     */
    public void answer(HttpServletRequest request, Supplier<?> work) {
        try {
            send("done", work.get());
        } catch (CancellationException _) {
            // The client has disconnected, so the error cannot be sent.
        } catch (RuntimeException | Error e) {
            // With -XX:+ExitOnOutOfMemoryError the JVM has ended before such an error comes here.
            if (!hasBegun) {
                throw e;
            }
            send("error", Problems.body(request, e));
        }
    }

    /** Sets the headers; to be called before the first event. */
    public void begin() {
        hasBegun = true;
        response.setContentType(new MediaType(MediaType.TEXT_EVENT_STREAM, StandardCharsets.UTF_8).toString());
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        // Some proxies would otherwise buffer events until they have many.
        response.setHeader("X-Accel-Buffering", "no");
    }

    public void send(String event, @Nullable Object data) {
        write("event: " + event + "\ndata: " + json.writeValueAsString(data) + "\n\n");
    }

    /** Sends an event after whose number the client may ask for those that follow; {@code data} is one line of JSON. */
    public void send(long number, String event, String data) {
        write("id: " + number + "\nevent: " + event + "\ndata: " + data + "\n\n");
    }

    /** Sends something that is no event, by which a client that has disconnected is noticed. */
    public void sendComment() {
        write(COMMENT);
    }

    public boolean isGone() {
        return isGone;
    }

    /** Throws {@link CancellationException} once the client has disconnected. */
    public void check() {
        if (isGone) {
            throw new CancellationException("the client has gone");
        }
    }

    private void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Turn.whileClientIsWaitedFor(() -> write(bytes));
    }

    private synchronized void write(byte[] bytes) {
        try {
            OutputStream out = response.getOutputStream();
            out.write(bytes);
            out.flush();
        } catch (IOException _) {
            isGone = true;
        }
    }
}
