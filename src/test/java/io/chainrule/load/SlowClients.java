package io.chainrule.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients that send their bodies, or read their answers, hardly as fast as they must, over and over. */
final class SlowClients implements AutoCloseable {
    private static final String LARGE_ANSWER = """
            {"expression": "y = zeros(shape=[100000]) + x", "nodes": "none", "inputs": {"x": 0.123456789}}""";
    private static final String HEAD = "POST /v1/gradient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 1000000\r\n\r\n{";
    private static final int BYTES_A_SECOND = 20_000;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

    private final int port;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch end = new CountDownLatch(1);

    SlowClients(int port, int senders, int readers) {
        this.port = port;
        for (int i = 0; i < senders; i++) {
            threads.execute(() -> repeat(this::send));
        }
        for (int i = 0; i < readers; i++) {
            threads.execute(() -> repeat(this::read));
        }
    }

    private interface Talk {
        void on(Socket socket) throws IOException, InterruptedException;
    }

    private void repeat(Talk talk) {
        while (end.getCount() > 0) {
            try (Socket socket = new Socket()) {
                socket.setReceiveBufferSize(4_096);
                socket.setSoTimeout(60_000);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                talk.on(socket);
            } catch (IOException | InterruptedException _) {
                // It was refused or cut off, and tries again.
                LockSupport.parkNanos(PAUSE);
            }
        }
    }

    private void send(Socket socket) throws IOException, InterruptedException {
        socket.getOutputStream().write(HEAD.getBytes(StandardCharsets.US_ASCII));
        byte[] blanks = " ".repeat(BYTES_A_SECOND / 10).getBytes(StandardCharsets.US_ASCII);
        while (!end.await(100, TimeUnit.MILLISECONDS)) {
            socket.getOutputStream().write(blanks);
        }
    }

    private void read(Socket socket) throws IOException, InterruptedException {
        socket.getOutputStream().write(Client.request("POST", "/v1/evaluate", "10.3.0.1", LARGE_ANSWER));
        InputStream in = socket.getInputStream();
        int read = 1;
        while (read > 0 && !end.await(100, TimeUnit.MILLISECONDS)) {
            read = in.readNBytes(BYTES_A_SECOND / 10).length;
        }
    }

    @Override
    public void close() {
        end.countDown();
        threads.close();
    }
}
