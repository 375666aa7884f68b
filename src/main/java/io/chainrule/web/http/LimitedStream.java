package io.chainrule.web.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts the bytes that are read, and refuses the body once they are more than its limit. */
class LimitedStream extends FilterInputStream {
    private final BodyLimit limit;
    private long count;

    LimitedStream(InputStream in, BodyLimit limit) {
        super(in);
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
        count(Math.max(read, 0));
        return read;
    }

    /** Called with the number of bytes of each read. */
    void count(int read) {
        count += read;
        if (count > limit.bytes()) {
            throw limit.exceeded("more than " + limit.bytes());
        }
    }
}
