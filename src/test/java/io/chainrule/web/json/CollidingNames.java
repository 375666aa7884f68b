package io.chainrule.web.json;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Names of eight characters that all have the same hash in the parser's table of names, whatever its seed. */
public final class CollidingNames {
    /** The hash of two words is a function of {@code mix(first) + 33 * second}. */
    private static final int SUM = 0x5eed5eed;
    private static final int INVERSE_OF_33 = 0x3e0f83e1;

    private CollidingNames() {}

    public static List<String> make(int count) {
        Random random = new Random(1);
        Set<String> names = new LinkedHashSet<>();
        while (names.size() < count) {
            int first = 0;
            for (int i = 0; i < 4; i++) {
                first = first << 8 | 'a' + random.nextInt(26);
            }
            int second = (SUM - mix(first)) * INVERSE_OF_33;
            if (isWord(second)) {
                names.add(text(first) + text(second));
            }
        }
        return List.copyOf(names);
    }

    private static int mix(int word) {
        int sum = word + (word >>> 15);
        return sum ^ sum >>> 9;
    }

    private static boolean isWord(int word) {
        return text(word).chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '\\');
    }

    private static String text(int word) {
        byte[] bytes = {(byte) (word >> 24), (byte) (word >> 16), (byte) (word >> 8), (byte) word};
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
