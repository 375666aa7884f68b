package io.chainrule.process;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of servers that begin later, or end and begin again. */
public final class Ports {
    /** From those above 32767 Linux gives connections theirs, also while the server is not there. */
    private static final int LEAST = 20_000;
    private static final int MOST = 32_000;
    private static final int TRIES = 100;

    private Ports() {}

    /** One that is free now, and that no connection takes. */
    public static int lasting() throws IOException {
        for (int i = 1;; i++) {
            try (var socket = new ServerSocket(ThreadLocalRandom.current().nextInt(LEAST, MOST), 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                if (i == TRIES) {
                    throw e;
                }
            }
        }
    }
}
