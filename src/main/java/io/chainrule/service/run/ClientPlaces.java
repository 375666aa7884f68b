package io.chainrule.service.run;

import java.util.HashMap;
import java.util.Map;

/** Places for what may be done so many times at once, of which one client gets only some. */
public final class ClientPlaces {
    private final int all;
    /** How many places each client has. */
    private final Map<String, Integer> taken = new HashMap<>();
    private int total;

    public ClientPlaces(int all) {
        this.all = all;
    }

    /** How many places one client may have: half of all, lest others get none. */
    public int ofOneClient() {
        return Math.max(1, all / 2);
    }

    /** Takes a place for a client; returns false if all are taken, or if the client has as many as it may have. */
    public boolean take(String client) {
        return take(client, ofOneClient());
    }

    /** The same for a client that may have another number of places. */
    public synchronized boolean take(String client, int most) {
        if (total >= all || taken.getOrDefault(client, 0) >= most) {
            return false;
        }
        total++;
        taken.merge(client, 1, Integer::sum);
        return true;
    }

    /** Gives back a place that was taken. */
    public synchronized void leave(String client) {
        total--;
        taken.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
    }
}
