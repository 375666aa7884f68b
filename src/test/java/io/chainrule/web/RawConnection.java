package io.chainrule.web;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client that sends any bytes, right or wrong. It opens its connection when it needs one. */
final class RawConnection implements AutoCloseable {
    private static final int PATIENCE = 60_000;
    /** For so long more answers are waited for where the service keeps a connection open. */
    private static final int MORE = 200;

    private final int port;
    private @Nullable Socket socket;
    private InputStream in = InputStream.nullInputStream();

    RawConnection(int port) {
        this.port = port;
    }

    /** The answer to a request that is sent on the connection that is open. The service may have closed it meanwhile; then on a new one. */
    RawAnswer exchange(byte[] request, boolean isHead) throws IOException {
        boolean isUsed = socket != null;
        try {
            RawAnswer answer = exchangeOnce(request, isHead);
            if (answer != null) {
                return answer;
            }
        } catch (SocketException e) {
            close();
            if (!isUsed) {
                throw e;
            }
        }
        RawAnswer answer = isUsed ? exchangeOnce(request, isHead) : null;
        if (answer == null) {
            throw new IOException("no answer");
        }
        return answer;
    }

    private @Nullable RawAnswer exchangeOnce(byte[] request, boolean isHead) throws IOException {
        open().getOutputStream().write(request);
        RawAnswer answer = RawAnswer.read(in, isHead);
        if (answer == null || answer.isClosing()) {
            close();
        }
        return answer;
    }

    /** All answers to these bytes on a connection of their own, until the service closes it or says no more. */
    static List<RawAnswer> answers(int port, byte[] bytes, boolean isIncomplete) throws IOException {
        List<RawAnswer> answers = new ArrayList<>();
        try (RawConnection connection = new RawConnection(port)) {
            Socket socket = connection.open();
            try {
                socket.getOutputStream().write(bytes);
                if (isIncomplete) {
                    socket.shutdownOutput();
                }
                while (true) {
                    RawAnswer answer = RawAnswer.read(connection.in, false);
                    if (answer == null) {
                        return answers;
                    }
                    answers.add(answer);
                    socket.setSoTimeout(MORE);
                }
            } catch (SocketTimeoutException e) {
                if (answers.isEmpty()) {
                    throw e;
                }
                return answers;
            } catch (SocketException _) {
                // The service closed the connection before it had read everything, and the system then resets it.
                return answers;
            }
        }
    }

    Socket open() throws IOException {
        Socket open = socket;
        if (open == null) {
            open = new Socket(InetAddress.getLoopbackAddress(), port);
            open.setTcpNoDelay(true);
            open.setSoTimeout(PATIENCE);
            in = new BufferedInputStream(open.getInputStream());
            socket = open;
        }
        return open;
    }

    @Override
    public void close() throws IOException {
        Socket open = socket;
        socket = null;
        if (open != null) {
            open.close();
        }
    }
}
