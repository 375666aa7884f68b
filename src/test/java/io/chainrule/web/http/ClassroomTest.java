package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The default rates and connections admit a class of forty whose browsers all have one address, each with six connections. */
class ClassroomTest extends HttpTest {
    private static final int STUDENTS = 40;
    private static final int CONNECTIONS = 6;
    private static final int ROUNDS = 3;
    /** A proxy on this machine says for whom it asks. */
    private static final String REQUEST = """
            GET /v1/gradient?expression=x*y&in.x=2&in.y=3 HTTP/1.1\r
            Host: localhost\r
            X-Forwarded-For: 203.0.113.40\r
            \r
            """;

    @Test
    void aClassBehindOneAddressIsServed() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        List<BufferedReader> readers = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        try {
            for (int i = 0; i < STUDENTS * CONNECTIONS; i++) {
                Socket socket = new Socket();
                sockets.add(socket);
                connect(socket, "127.0.0.5", 20_000);
                socket.setSoTimeout(20_000);
                readers.add(new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
            }
            for (int round = 0; round < ROUNDS * CONNECTIONS; round++) {
                int first = round % CONNECTIONS * STUDENTS;
                for (Socket socket : sockets.subList(first, first + STUDENTS)) {
                    socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
                }
                for (BufferedReader reader : readers.subList(first, first + STUDENTS)) {
                    answers.add(answer(reader));
                }
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        assertThat(answers).hasSize(STUDENTS * CONNECTIONS * ROUNDS).allMatch(answer -> answer.startsWith("HTTP/1.1 200"));
        String left = answers.getLast().replaceAll("(?s).*\"requests\";r=(\\d+);.*", "$1");
        assertThat(Integer.parseInt(left)).as("left, when each student has asked 20 times a second for a minute").isGreaterThan(
                STUDENTS * 20 * 60 - answers.size());
    }

    /** Reads a whole answer; returns its status line and its header. */
    private static String answer(BufferedReader reader) throws IOException {
        StringBuilder head = new StringBuilder();
        int length = 0;
        for (String line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
            head.append(line).append('\n');
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring(16));
            }
        }
        assertThat(length).as(head.toString()).isPositive();
        for (int left = length; left > 0; left--) {
            reader.read();
        }
        return head.toString();
    }
}
