package io.chainrule.web.v1;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a link: names and values as a form encodes them, {@code %2B} for a plus and {@code +} for a blank.
 *
 * @param values the values of each name, in the order in which they stand
 * @param raw the same as they were sent
 */
public record LinkQuery(Map<String, List<String>> values, Map<String, List<String>> raw) {

    /** Reads what stands behind the {@code ?} of an address; null where there is nothing. */
    public static LinkQuery of(@Nullable String query) {
        Map<String, List<String>> values = new TreeMap<>();
        Map<String, List<String>> raw = new TreeMap<>();
        for (String parameter : (query == null ? "" : query).split("&", -1)) {
            if (!parameter.isEmpty()) {
                int equals = parameter.indexOf('=');
                String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals), ' ');
                String value = equals < 0 ? "" : parameter.substring(equals + 1);
                values.computeIfAbsent(name, _ -> new ArrayList<>()).add(decoded(value, ' '));
                raw.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
            }
        }
        return new LinkQuery(values, raw);
    }

    private static String decoded(String text, char blank) {
        byte[] sent = text.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[sent.length];
        int length = 0;
        for (int i = 0; i < sent.length; i++) {
            if (sent[i] == '%') {
                int high = i + 2 < sent.length ? Character.digit(sent[i + 1], 16) : -1;
                int low = i + 2 < sent.length ? Character.digit(sent[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw malformed("a % in the query is not followed by two hexadecimal digits", "write %25 for a percent sign");
                }
                bytes[length++] = (byte) (16 * high + low);
                i += 2;
            } else {
                bytes[length++] = sent[i] == '+' ? (byte) blank : sent[i];
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString();
        } catch (CharacterCodingException _) {
            throw malformed("the query is not in UTF-8", "encode the characters of the query as UTF-8, then their bytes by %");
        }
    }

    private static RequestException malformed(String message, String hint) {
        return new RequestException(ErrorDetail.of(ProblemType.BAD_REQUEST, message).hint(hint));
    }

    /** Whether the value of this name was sent with a {@code +}, which stands for a blank. */
    public boolean hasPlus(String name) {
        return raw.getOrDefault(name, List.of()).stream().anyMatch(value -> value.indexOf('+') >= 0);
    }

    /** The values of this name with a mark, a character of ASCII, in place of each {@code +}. */
    public List<String> marked(String name, char mark) {
        return raw.getOrDefault(name, List.of()).stream().map(value -> decoded(value, mark)).toList();
    }
}
