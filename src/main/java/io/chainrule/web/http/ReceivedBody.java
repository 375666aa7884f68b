package io.chainrule.web.http;

import java.io.IOException;

/** A body that has been read from the client; closing it frees the memory, or the file, that holds it. */
interface ReceivedBody extends AutoCloseable {
    /** The bytes that were sent. */
    long length();

    @Override
    void close() throws IOException;
}
