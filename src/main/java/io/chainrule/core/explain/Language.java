package io.chainrule.core.explain;

import io.chainrule.core.op.OpDefinition;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.ResourceBundle.Control;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A language in which gradients are explained. */
public enum Language {
    EN("en"),
    KO("ko");

    /** An argument, {@code {0}}, and in Korean the particle behind it: {@code {0:을/를}}. */
    static final Pattern ARGUMENT = Pattern.compile("\\{([0-9])(?::([^}]+))?\\}");

    private final Locale locale;
    private final ResourceBundle messages;

    Language(String tag) {
        locale = Locale.of(tag);
        messages = ResourceBundle.getBundle("io.chainrule.core.explain.messages", locale,
                Control.getNoFallbackControl(Control.FORMAT_PROPERTIES));
    }

    /** The tag of the language in HTTP and HTML. */
    public String tag() {
        return locale.getLanguage();
    }

    ResourceBundle messages() {
        return messages;
    }

    /** What holds at the kinks of an op, from its definition; null where it says nothing, or nothing that is translated. */
    @Nullable
    String convention(OpDefinition op) {
        String text = op.convention();
        String key = "convention."
                + (text == null ? "" : text.replaceAll("[;,].*", "").replaceAll("[^A-Za-z0-9]+", "-").toLowerCase(Locale.ROOT));
        return this == EN || text == null ? text : messages.containsKey(key) ? messages.getString(key) : null;
    }

    /** A message with its arguments. */
    public String text(String key, Object... arguments) {
        Matcher places = ARGUMENT.matcher(messages.getString(key));
        StringBuilder text = new StringBuilder();
        while (places.find()) {
            String argument = String.valueOf(arguments[Integer.parseInt(places.group(1))]);
            String particle = places.group(2) == null ? "" : Particles.after(argument, places.group(2));
            places.appendReplacement(text, Matcher.quoteReplacement(argument + particle));
        }
        return places.appendTail(text).toString();
    }
}
