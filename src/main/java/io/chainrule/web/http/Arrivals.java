package io.chainrule.web.http;

import io.chainrule.service.run.ClientPlaces;
import io.chainrule.service.store.ArrivingFile;
import jakarta.servlet.http.HttpServletRequest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files that are being received, or were received and are not stored yet. Each takes a place, and counts towards its owner's bytes, until
 * it is stored or removed, since it is on the disk until then.
 */
final class Arrivals {
    private final ClientPlaces places;
    /** Bytes that are on their way, by route and owner. */
    private final Map<String, Long> bytes = new HashMap<>();

    Arrivals(int atOnce) {
        places = new ClientPlaces(atOnce);
    }

    /** How many places one client may have. */
    int ofOneClient() {
        return places.ofOneClient();
    }

    /** Takes a place for the body of a request; returns null if there is none. */
    @Nullable
    Arrival begin(HttpServletRequest request, UploadRoute route) {
        String client = ClientName.of(request);
        return places.take(client) ? new Arrival(request, route, client) : null;
    }

    private synchronized long add(String owner, long more) {
        long sum = bytes.getOrDefault(owner, 0L) + more;
        if (sum == 0) {
            bytes.remove(owner);
        } else {
            bytes.put(owner, sum);
        }
        return sum;
    }

    /** One of the files. */
    final class Arrival implements AutoCloseable {
        private final HttpServletRequest request;
        private final UploadRoute route;
        private final String client;
        private final String owner;
        private final boolean isTold;
        private long counted;
        private boolean hasEnded;

        Arrival(HttpServletRequest request, UploadRoute route, String client) {
            this.request = request;
            this.route = route;
            this.client = client;
            owner = route.path() + ClientName.owner(request);
            isTold = request.getContentLengthLong() >= 0;
        }

        /** Throws what refuses the file before it comes. Of one whose length is told, all bytes count from now on. */
        void check() {
            check(Math.max(0, request.getContentLengthLong()));
        }

        /** For a file whose length is not told: counts what has come so far, and throws what refuses it. */
        void came(long length) {
            if (!isTold && length > counted) {
                check(length);
            }
        }

        private void check(long length) {
            long ofOwner = add(owner, length - counted);
            counted = length;
            route.check(request, new ArrivingFile(length, isTold, ofOwner));
        }

        @Override
        public synchronized void close() {
            if (!hasEnded) {
                hasEnded = true;
                add(owner, -counted);
                places.leave(client);
            }
        }
    }
}
