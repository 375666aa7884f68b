package io.chainrule.web.http;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sees whether bytes are UTF-8. Others than Java's decoders may read bytes that are not, such as a slash in two bytes, as characters that
 * nobody looked for.
 */
final class Utf8 {
    private static final int PIECE = 1_024;
    private static final Pattern UNICODE = Pattern.compile("(UTF-.*)|US-ASCII");
    /** Of these bytes one is 0, FE or FF in JSON of two or four bytes a character, and none in UTF-8. */
    private static final int FIRST = 2;

    private final ByteBuffer begun = ByteBuffer.allocate(4);
    private @Nullable CharsetDecoder decoder;
    private @Nullable CharBuffer decoded;
    private int seen;
    private boolean isOther;

    private Utf8() {}

    /** Whether an address is UTF-8 once its escapes are read. */
    static boolean isEncoded(String escaped) {
        if (escaped.indexOf('%') < 0) {
            return true;
        }
        byte[] bytes = new byte[escaped.length()];
        int length = 0;
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                if (i + 2 >= escaped.length()) {
                    return false;
                }
                int high = Character.digit(escaped.charAt(i + 1), 16);
                int low = Character.digit(escaped.charAt(i + 2), 16);
                if (high < 0 || low < 0) {
                    return false;
                }
                bytes[length++] = (byte) (16 * high + low);
                i += 2;
            } else {
                bytes[length++] = (byte) escaped.charAt(i);
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }

    /**
     * For a body with this charset, or none. Only where it names another encoding than those of Unicode does the parser heed it; UTF-16 and
     * UTF-32 it knows by their first bytes.
     */
    static Utf8 ofBody(@Nullable String charset) {
        Utf8 utf8 = new Utf8();
        utf8.isOther = charset != null && !UNICODE.matcher(Charset.forName(charset, StandardCharsets.UTF_8).name()).matches();
        return utf8;
    }

    /** Whether these bytes, after those that were added before, are UTF-8 so far. */
    boolean isContinuedBy(byte[] bytes, int offset, int length) {
        for (int i = 0; i < length && seen < FIRST; i++, seen++) {
            isOther |= bytes[offset + i] == 0 || (bytes[offset + i] & 0xfe) == 0xfe;
        }
        if (isOther) {
            return true;
        }
        int all = 0;
        for (int i = offset; i < offset + length; i++) {
            all |= bytes[i];
        }
        if (all >= 0 && begun.position() == 0) {
            return true;
        }
        int at = offset;
        int end = offset + length;
        while (begun.position() > 0 && at < end) {
            begun.put(bytes[at++]);
            begun.flip();
            if (decode(begun).isError()) {
                return false;
            }
            begun.compact();
        }
        ByteBuffer rest = ByteBuffer.wrap(bytes, at, end - at);
        if (decode(rest).isError()) {
            return false;
        }
        begun.put(rest);
        return true;
    }

    /** Whether no character is incomplete. */
    boolean isComplete() {
        return begun.position() == 0;
    }

    private CoderResult decode(ByteBuffer bytes) {
        if (decoder == null || decoded == null) {
            decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
            decoded = CharBuffer.allocate(PIECE);
        }
        CoderResult result = decoder.decode(bytes, decoded.clear(), false);
        while (result.isOverflow()) {
            result = decoder.decode(bytes, decoded.clear(), false);
        }
        return result;
    }
}
