package io.chainrule.core.language;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Words that are not yet in a language: a message and its arguments, of which some may be phrases too. */
public final class Phrase {
    private final String key;
    private final List<Object> arguments;
    private final @Nullable String english;

    private Phrase(String key, List<Object> arguments, @Nullable String english) {
        this.key = key;
        this.arguments = arguments;
        this.english = english;
    }

    /** A message, with its arguments. */
    public static Phrase of(String key, Object... arguments) {
        return new Phrase(key, List.of(arguments), null);
    }

    /**
     * A text that is written in English where it belongs, as in the definition of an op. Other languages have a message for its first
     * clause, of the key {@code prefix.the-words-of-it}; for a text without one they have {@code prefix.other}, with the text as its
     * argument.
     */
    public static Phrase ofEnglish(String prefix, String english) {
        String words = english.replaceFirst("^[ ,]+", "").replaceFirst("[;,].*", "").replaceAll("[^A-Za-z0-9]+", "-").replaceFirst("-$", "")
                .toLowerCase(Locale.ROOT);
        return new Phrase(prefix + "." + words, List.of(english), english);
    }

    /** Whether the language has words of its own for this. */
    public boolean isIn(Language language) {
        return english != null && language == Language.EN || language.has(key);
    }

    public String in(Language language) {
        if (english != null && language == Language.EN) {
            return english;
        }
        return language.text(english == null || language.has(key) ? key : key.replaceFirst("\\..*", ".other"), arguments.toArray());
    }
}
