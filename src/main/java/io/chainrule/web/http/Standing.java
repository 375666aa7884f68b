package io.chainrule.web.http;

import io.chainrule.web.problem.RequestException;
import jakarta.servlet.ServletRequest;

/** What the service allows a client while its request lasts. An upload or a download may last for days. */
public interface Standing {
    /** Of a client that may have everything, as on the machine of an open service. */
    Standing FREE = new Standing() {
        @Override
        public boolean isLetIn() {
            return true;
        }

        @Override
        public void checkNow() {}

        @Override
        public void check() {}

        @Override
        public void take(long bytes) {}
    };

    /** The standing of the client of a request. */
    static Standing of(ServletRequest request) {
        return request.getAttribute(Standing.class.getName()) instanceof Standing known ? known : FREE;
    }

    /** Notes the standing of the client of a request. */
    default void noteAt(ServletRequest request) {
        request.setAttribute(Standing.class.getName(), this);
    }

    /**
     * Whether the client is still let in: its key was not revoked and has not ended, nor has its token. It is looked up now and then, so
     * that this may be asked often.
     */
    boolean isLetIn();

    /** Throws {@link RequestException}, as for any request with such a key or token, if the client is not let in any more. */
    void check();

    /** Does the same, but looks the key or the token up now. To be called before what has come is stored. */
    void checkNow();

    /** Charges the bytes of a file that is about to be sent. Throws {@link RequestException} if nothing is left of the client's quota. */
    void take(long bytes);
}
