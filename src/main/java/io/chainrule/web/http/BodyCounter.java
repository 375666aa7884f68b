package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/** Counts the bytes of a body while it is read, reserves memory for them, and stops reading at the limit. */
@ControllerAdvice
class BodyCounter extends RequestBodyAdviceAdapter {
    private final BodyLimit limit;

    BodyCounter(Limits limits, Budget budget) {
        limit = BodyLimit.of(limits, budget);
    }

    @Override
    public boolean supports(MethodParameter parameter, Type type, Class<? extends HttpMessageConverter<?>> converter) {
        return true;
    }

    @Override
    public HttpInputMessage beforeBodyRead(HttpInputMessage message, MethodParameter parameter, Type type,
            Class<? extends HttpMessageConverter<?>> converter) throws IOException {
        return new Counted(message.getHeaders(), new CountedStream(message.getBody(), limit, BodyGuard.reservation()));
    }

    private record Counted(HttpHeaders getHeaders, InputStream getBody) implements HttpInputMessage {}

    private static final class CountedStream extends FilterInputStream {
        private final BodyLimit limit;
        private final Budget.Reservation reservation;
        private long count;

        CountedStream(InputStream in, BodyLimit limit, Budget.Reservation reservation) {
            super(in);
            this.reservation = reservation;
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count(read);
            return read;
        }

        private void count(int read) {
            if (read > 0) {
                count += read;
                if (count > limit.bytes()) {
                    throw limit.exceeded("more than " + limit.bytes());
                }
                reservation.add(BodyLimit.MEMORY_PER_BYTE * read);
            }
        }
    }
}
