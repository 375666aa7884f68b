package io.chainrule.web.http;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.http.parser.HttpHeaderParser;
import org.apache.tomcat.util.http.parser.HttpHeaderParser.HeaderDataSource;

/**
 * Refuses what Tomcat tolerates in the head of a request, and what a proxy may read in another way, so that one request cannot be hidden
 * in another: lines that end without CR, folded fields, further blanks in the request line, and a length beside chunks (RFC 9112, sections
 * 2.2, 3, 5.2 and 6.1). It looks at the bytes before Tomcat's parser does, since that writes over them. What it throws becomes 400.
 */
final class StrictHeaders implements HeaderDataSource {
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ENCODING = "transfer-encoding:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OLD_VERSION = "HTTP/1.0".getBytes(StandardCharsets.US_ASCII);
    private static final Field PARSER = parser();

    private final HeaderDataSource source;
    private final Request request;
    /** The bytes before this index have been looked at; -1 before the first field. */
    private int next = -1;
    private int lineStart;
    private boolean isAtEnd;
    private boolean isOldVersion;
    private boolean hasLength;
    private boolean hasEncoding;

    private StrictHeaders(HeaderDataSource source, Request request) {
        this.source = source;
        this.request = request;
    }

    /** Tomcat has no setting for this, and makes its parser itself. */
    private static Field parser() {
        try {
            Field field = Http11InputBuffer.class.getDeclaredField("httpHeaderParser");
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("this version of Tomcat has its parser of headers elsewhere", e);
        }
    }

    /** Has the heads of all requests that this object will hold looked at. */
    static void install(Request request) {
        HeaderDataSource buffer = (Http11InputBuffer) request.getInputBuffer();
        StrictHeaders strict = new StrictHeaders(buffer, request);
        try {
            PARSER.set(buffer, new HttpHeaderParser(strict, request.getMimeHeaders(), false) {
                @Override
                public void recycle() {
                    super.recycle();
                    strict.recycle();
                }
            });
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private void recycle() {
        next = -1;
        isAtEnd = false;
        hasLength = false;
        hasEncoding = false;
    }

    @Override
    public boolean fillHeaderBuffer() throws IOException {
        return source.fillHeaderBuffer();
    }

    @Override
    public ByteBuffer getHeaderByteBuffer() {
        ByteBuffer buffer = source.getHeaderByteBuffer();
        if (next < 0) {
            checkRequestLine(buffer, buffer.position());
            lineStart = buffer.position();
            next = lineStart;
        }
        if (next < buffer.limit() && !isAtEnd) {
            checkFields(buffer, buffer.limit());
        }
        return buffer;
    }

    private void checkRequestLine(ByteBuffer bytes, int end) {
        check(end >= 2 && bytes.get(end - 2) == '\r', "the request line ends without CR");
        int blanks = 0;
        for (int i = 0; i < end; i++) {
            check(bytes.get(i) != '\t', "a tab stands in the request line");
            blanks += bytes.get(i) == ' ' ? 1 : 0;
        }
        check(blanks == 2, "the request line has other than two blanks");
        check(isAt(bytes, end - 2 - OLD_VERSION.length, end, VERSION), "the version is not HTTP/1.0 or HTTP/1.1");
        isOldVersion = isAt(bytes, end - 2 - OLD_VERSION.length, end, OLD_VERSION);
    }

    private void checkFields(ByteBuffer bytes, int limit) {
        for (; next < limit && !isAtEnd; next++) {
            if (next == lineStart) {
                check(bytes.get(next) != ' ' && bytes.get(next) != '\t', "a field is folded, or begins with a blank");
            }
            if (bytes.get(next) == ':') {
                checkName(bytes);
            } else if (bytes.get(next) == '\n') {
                check(next > lineStart && bytes.get(next - 1) == '\r', "a line ends without CR");
                isAtEnd = next == lineStart + 1;
                lineStart = next + 1;
            }
        }
    }

    private void checkName(ByteBuffer bytes) {
        hasLength |= isAt(bytes, lineStart, next + 1, LENGTH);
        hasEncoding |= isAt(bytes, lineStart, next + 1, ENCODING);
        check(!hasEncoding || !hasLength && !isOldVersion, "a body has two lengths");
    }

    /** Whether these bytes are a name, which is in small letters, or begin with it. */
    private static boolean isAt(ByteBuffer bytes, int start, int end, byte[] name) {
        if (start < 0 || end - start < name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (bytes.get(start + i) != name[i] && (bytes.get(start + i) | 0x20) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private void check(boolean isGood, String fault) {
        if (!isGood) {
            if (request.requestURI().equals("*")) {
                // Tomcat would answer OPTIONS * without a body, whatever is wrong with it.
                request.requestURI().setString("/");
            }
            throw new IllegalArgumentException(fault);
        }
    }
}
