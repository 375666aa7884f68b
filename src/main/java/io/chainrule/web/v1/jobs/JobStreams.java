package io.chainrule.web.v1.jobs;

import io.chainrule.core.tensor.ShutdownException;
import io.chainrule.service.jobs.Job;
import io.chainrule.service.jobs.JobEvent;
import io.chainrule.service.jobs.JobProperties;
import io.chainrule.service.jobs.JobService;
import io.chainrule.service.jobs.UnknownJobException;
import io.chainrule.service.run.ClientPlaces;
import io.chainrule.service.run.Draining;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.RequestTime;
import io.chainrule.service.run.Turn;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.Standing;
import io.chainrule.web.v1.EventStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Sends the events of jobs to clients that follow them. The store is asked for new ones, so that any replica may do the job. */
@Component
final class JobStreams {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    /** How often the job itself is looked up, since no event tells that it has been removed. */
    private static final Duration BETWEEN_JOBS = Duration.ofSeconds(10);
    private static final int MOST_AT_ONCE = 500;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final JobService service;
    private final Draining draining;
    private final JsonMapper json;
    private final JobProperties properties;
    private final ClientPlaces places;

    JobStreams(JobService service, JobProperties properties, Draining draining, JsonMapper json) {
        this.service = service;
        this.draining = draining;
        this.json = json;
        this.properties = properties;
        places = new ClientPlaces(properties.streams());
    }

    /**
     * Sends the events after one of this number, until the job ends, the client has gone, or its key or token is not taken any more. Sends
     * all events if the job has none of this number or a later one: the client has the number from another job, or from before the database
     * was restored, and a browser that is refused cannot send another. Throws {@link OverloadedException} if all places are taken, or half
     * of them by this client. HEAD is answered at once, since it has no events.
     */
    void follow(Job job, long last, HttpServletRequest request, HttpServletResponse response) {
        // The latest event of a job is never removed.
        long after = service.events(job, last - 1, 1).isEmpty() ? 0 : last;
        if (service.events(job, after, 1).isEmpty() && job.status().hasEnded()) {
            // A browser that is answered so does not ask again.
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return;
        }
        EventStream events = new EventStream(response, json);
        if (request.getMethod().equals(HttpMethod.HEAD.name())) {
            events.begin();
            return;
        }
        String client = ClientName.of(request);
        if (!places.take(client)) {
            throw new OverloadedException(OverloadedException.Resource.STREAMS, "as many streams follow jobs as may at once, which is "
                    + properties.streams() + ", and " + places.ofOneClient() + " of one client (chainrule.jobs.streams)", RETRY_AFTER);
        }
        try {
            events.begin();
            Standing standing = Standing.of(request);
            RequestTime.ignoring(() -> Turn.whileClientIsWaitedFor(() -> send(job, after, standing, events)));
        } finally {
            places.leave(client);
        }
    }

    private void send(Job job, long after, Standing standing, EventStream events) {
        long last = after;
        boolean hasEnded = job.status().hasEnded();
        boolean mayHaveEnded = false;
        long nextLook = System.nanoTime();
        try {
            while (!events.isGone() && standing.isLetIn()) {
                draining.check();
                List<JobEvent> found = service.events(job, last, MOST_AT_ONCE);
                for (JobEvent event : found) {
                    events.send(event.number(), event.type(), event.data());
                    last = event.number();
                    // The transaction that ends a job notes such an event.
                    mayHaveEnded |= event.type().equals(JobEvent.STATUS);
                }
                if (found.isEmpty()) {
                    if (hasEnded) {
                        return;
                    }
                    if (mayHaveEnded || System.nanoTime() - nextLook >= 0) {
                        hasEnded = service.find(job.owner(), job.id()).status().hasEnded();
                        mayHaveEnded = false;
                        nextLook = System.nanoTime() + BETWEEN_JOBS.toNanos();
                    }
                    events.sendComment();
                    LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
                }
            }
        } catch (ShutdownException | StoreUnavailableException | UnknownJobException _) {
            // The client asks again, here or at another replica, with the number of the last event that it has.
        }
    }
}
