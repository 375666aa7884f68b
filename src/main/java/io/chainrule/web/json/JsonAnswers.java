package io.chainrule.web.json;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes JSON bodies. An answer that fits into Jackson's buffer is sent with its length. Without a length the server would write to
 * the network three times: the headers, a chunk, and an empty last chunk. Longer answers are sent while they are written.
 */
final class JsonAnswers extends JacksonJsonHttpMessageConverter {
    JsonAnswers(JsonMapper mapper) {
        super(mapper);
    }

    @Override
    protected void writeInternal(Object answer, ResolvableType type, HttpOutputMessage message, @Nullable Map<String, Object> hints)
            throws IOException {
        Body body = new Body(message);
        super.writeInternal(answer, type, body, hints);
        body.end();
    }

    /** Holds back the first part of a body until there is a second one, or none. */
    private static final class Body extends OutputStream implements HttpOutputMessage {
        private final HttpOutputMessage message;
        private byte @Nullable [] first;
        private @Nullable OutputStream out;

        Body(HttpOutputMessage message) {
            this.message = message;
        }

        @Override
        public HttpHeaders getHeaders() {
            return message.getHeaders();
        }

        @Override
        public OutputStream getBody() {
            return this;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[]{(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (first == null) {
                first = Arrays.copyOfRange(bytes, from, from + length);
                return;
            }
            if (out == null) {
                out = message.getBody();
                out.write(first);
            }
            out.write(bytes, from, length);
        }

        void end() throws IOException {
            if (first != null && out == null) {
                message.getHeaders().setContentLength(first.length);
                message.getBody().write(first);
            }
        }
    }
}
