package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/** Unpacks a body while it is read, counts the bytes, reserves memory for them, and stops reading at the limit. */
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
        InputStream body = message.getBody();
        if (ContentEncoding.of(message.getHeaders()) == ContentEncoding.GZIP) {
            body = BodyGuard.closeAtEnd(GzipBody.of(body, limit));
        }
        return new Counted(message.getHeaders(), new CountedStream(body, limit, BodyGuard.reservation()));
    }

    private record Counted(HttpHeaders getHeaders, InputStream getBody) implements HttpInputMessage {}

    private static final class CountedStream extends LimitedStream {
        private final Budget.Reservation reservation;

        CountedStream(InputStream in, BodyLimit limit, Budget.Reservation reservation) {
            super(in, limit);
            this.reservation = reservation;
        }

        @Override
        void count(int read) {
            super.count(read);
            reservation.add(BodyLimit.MEMORY_PER_BYTE * read);
        }
    }
}
