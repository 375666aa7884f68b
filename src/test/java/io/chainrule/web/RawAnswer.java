package io.chainrule.web;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An answer as it came over the socket; the names of its headers are in lower case. */
record RawAnswer(int status, SortedMap<String, String> headers, byte[] body) {
    /** What differs between two answers to the same request. */
    private static final List<String> OF_THE_MOMENT = List.of("date", "ratelimit");

    private static final int LONGEST_LINE = 65_536;

    /** Reads the next final answer; null if there is none. Throws {@link IOException} if it breaks the rules of HTTP. */
    static @Nullable RawAnswer read(InputStream in, boolean isOfHead) throws IOException {
        while (true) {
            String line = line(in);
            if (line == null) {
                return null;
            }
            if (!line.matches("HTTP/1\\.1 [1-5]\\d\\d.*")) {
                throw new IOException("no status line: " + line);
            }
            int status = Integer.parseInt(line.substring(9, 12));
            SortedMap<String, String> headers = headers(in);
            if (status >= 200) {
                boolean isEmpty = isOfHead || status == 204 || status == 304;
                return new RawAnswer(status, headers, isEmpty ? new byte[0] : body(in, headers));
            }
        }
    }

    private static SortedMap<String, String> headers(InputStream in) throws IOException {
        SortedMap<String, String> headers = new TreeMap<>();
        while (true) {
            String line = line(in);
            if (line == null) {
                throw new EOFException("within the headers " + headers);
            }
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new IOException("no header: " + line);
            }
            headers.merge(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
        }
    }

    private static byte[] body(InputStream in, SortedMap<String, String> headers) throws IOException {
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (true) {
                String size = line(in);
                if (size == null) {
                    throw new EOFException("before a chunk");
                }
                int length = Integer.parseInt(size, 16);
                body.write(exactly(in, length));
                if (!"".equals(line(in))) {
                    throw new IOException("a chunk of " + length + " bytes does not end there");
                }
                if (length == 0) {
                    return body.toByteArray();
                }
            }
        }
        String length = headers.get("content-length");
        return length == null ? in.readAllBytes() : exactly(in, Integer.parseInt(length));
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException(bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                if (line.size() == 0) {
                    return null;
                }
                throw new EOFException("within the line " + line.toString(StandardCharsets.ISO_8859_1));
            }
            if (line.size() > LONGEST_LINE) {
                throw new IOException("a line without an end");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    boolean isClosing() {
        return "close".equalsIgnoreCase(headers.get("connection"));
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Whether the two tell the same, byte for byte. */
    boolean isSameAs(RawAnswer other) {
        SortedMap<String, String> mine = new TreeMap<>(headers);
        SortedMap<String, String> theirs = new TreeMap<>(other.headers);
        for (String header : OF_THE_MOMENT) {
            mine.remove(header);
            theirs.remove(header);
        }
        return status == other.status && mine.equals(theirs) && Arrays.equals(body, other.body);
    }
}
