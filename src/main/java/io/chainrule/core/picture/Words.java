package io.chainrule.core.picture;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.ResourceBundle.Control;

/** The words of pictures, by language. Korean ones need no particles, whose forms depend on what stands before them. */
public enum Words {
    EN,
    KO;

    private final ResourceBundle messages = ResourceBundle.getBundle("io.chainrule.core.picture.messages", Locale.of(tag()),
            Control.getNoFallbackControl(Control.FORMAT_PROPERTIES));

    /** The language with this tag; English where there are no words of that language. */
    public static Words of(String tag) {
        return tag.equals(KO.tag()) ? KO : EN;
    }

    /** The tag of the language in HTTP and XML. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }

    ResourceBundle messages() {
        return messages;
    }

    /** A message with its arguments. */
    String text(String key, Object... arguments) {
        return new MessageFormat(messages.getString(key), Locale.ROOT).format(arguments);
    }
}
