package io.chainrule.core.language;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.ResourceBundle.Control;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A language in which answers speak. Messages stand in a file for each room that has any, beside those of this package. */
public enum Language {
    EN("en"),
    KO("ko");

    /** An argument, {@code {0}}, and in Korean the particle behind it: {@code {0:을/를}}. */
    static final Pattern ARGUMENT = Pattern.compile("\\{([0-9])(?::([^}]+))?\\}");

    private final Locale locale;
    private final Map<String, String> messages = new TreeMap<>();

    Language(String tag) {
        locale = Locale.of(tag);
        for (String file : List.of("diagnostics", "explain", "grade", "picture")) {
            ResourceBundle bundle = ResourceBundle.getBundle("io.chainrule.core.language." + file, locale,
                    Control.getNoFallbackControl(Control.FORMAT_PROPERTIES));
            bundle.keySet().forEach(key -> messages.merge(key, bundle.getString(key), (_, _) -> {
                throw new IllegalStateException("the message " + key + " is there twice");
            }));
        }
    }

    /** The tag of the language in HTTP and HTML. */
    public String tag() {
        return locale.getLanguage();
    }

    Map<String, String> messages() {
        return messages;
    }

    public boolean has(String key) {
        return messages.containsKey(key);
    }

    /** A message with its arguments; those that are phrases are said in this language too. */
    public String text(String key, Object... arguments) {
        String message = messages.get(key);
        if (message == null) {
            throw new IllegalArgumentException("there is no message " + key);
        }
        Matcher places = ARGUMENT.matcher(message);
        StringBuilder text = new StringBuilder();
        while (places.find()) {
            Object given = arguments[Integer.parseInt(places.group(1))];
            String argument = given instanceof Phrase phrase ? phrase.in(this) : String.valueOf(given);
            String particle = places.group(2) == null ? "" : Particles.after(argument, places.group(2));
            places.appendReplacement(text, Matcher.quoteReplacement(argument + particle));
        }
        return places.appendTail(text).toString();
    }
}
