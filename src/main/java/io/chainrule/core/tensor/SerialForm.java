package io.chainrule.core.tensor;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes of what goes to another process, or is kept: a number that tells the form and its version, and what follows. */
public final class SerialForm {
    private SerialForm() {}

    /** Writes what follows the number. */
    @FunctionalInterface
    public interface Writing {
        void write(DataOutputStream out) throws IOException;
    }

    /** Reads what follows the number. What it throws as an {@link IOException} says what is wrong with the bytes. */
    @FunctionalInterface
    public interface Reading<T> {
        T read(DataInputStream in) throws IOException;
    }

    /** Returns what is written, after {@code form}, which tells this form, and this version of it, from all others. */
    public static byte[] written(int form, Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(form);
            writing.write(out);
        } catch (IOException e) {
            throw new IllegalStateException("what is written to memory alone has failed", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads bytes to their end.
     *
     * @param what they are to be, as said in the message: "a tally of rows"
     * @throws UnreadableBytesException if the bytes are of another form or version, or are broken
     */
    public static <T> T read(byte[] bytes, int form, String what, Reading<T> reading) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int found = in.readInt();
            if (found != form) {
                throw new IOException("they begin with " + Integer.toHexString(found) + ", not with " + Integer.toHexString(form));
            }
            T value = reading.read(in);
            if (in.read() >= 0) {
                throw new IOException("they go on after their end");
            }
            return value;
        } catch (EOFException e) {
            throw new UnreadableBytesException("these bytes are not " + what + ": they end too early", e);
        } catch (IOException | RuntimeException e) {
            throw new UnreadableBytesException("these bytes are not " + what + ": " + e.getMessage(), e);
        }
    }

    /** Writes bytes after their number. */
    public static void write(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Writes a text of any length, also one that UTF-8 cannot write. */
    public static void write(String text, DataOutputStream out) throws IOException {
        ByteBuffer characters = ByteBuffer.allocate(Character.BYTES * text.length());
        characters.asCharBuffer().put(text);
        write(characters.array(), out);
    }

    /** Reads the text that {@link #write(String, DataOutputStream)} has written. */
    public static String text(DataInputStream in) throws IOException {
        return ByteBuffer.wrap(bytes(in)).asCharBuffer().toString();
    }

    /** Reads what {@link #write(byte[], DataOutputStream)} has written. */
    public static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }
}
