package io.chainrule.service.jobs;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntFunction;

/**
 * The answer of a job, as JSON.
 *
 * @param length in bytes
 * @param parts reads the part of a number; throws {@link UnknownJobException} if the job has been removed meanwhile
 */
public record JobResult(long length, IntFunction<byte[]> parts) {
    /** Writes the answer, of which it holds one part at a time. */
    public void writeTo(OutputStream out) throws IOException {
        long written = 0;
        int number = 0;
        do {
            byte[] part = parts.apply(number++);
            out.write(part);
            written += part.length;
        } while (written < length);
    }
}
