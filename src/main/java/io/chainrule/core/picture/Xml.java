package io.chainrule.core.picture;

import java.util.ArrayDeque;
import java.util.Deque;

/** Writes XML. What is put in as text or as the value of an attribute comes out as such, whatever it holds. */
final class Xml {
    private final StringBuilder text = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();
    private boolean isTagOpen;

    Xml open(String element) {
        endTag();
        text.append('<').append(element);
        open.push(element);
        isTagOpen = true;
        return this;
    }

    /** An attribute of the element that was opened last. */
    Xml attribute(String name, String value) {
        text.append(' ').append(name).append("=\"");
        escape(value);
        text.append('"');
        return this;
    }

    /** A length, to a hundredth of a pixel. */
    Xml attribute(String name, double value) {
        return attribute(name, number(value));
    }

    Xml text(String content) {
        endTag();
        escape(content);
        return this;
    }

    Xml close() {
        String element = open.pop();
        if (isTagOpen) {
            text.append("/>");
            isTagOpen = false;
        } else {
            text.append("</").append(element).append('>');
        }
        return this;
    }

    /** Begins a new line, between elements. */
    Xml line() {
        endTag();
        text.append('\n');
        return this;
    }

    /** A number to two decimals, as short as it can be. */
    static String number(double value) {
        long hundredths = Math.round(value * 100);
        if (hundredths % 100 == 0) {
            return Long.toString(hundredths / 100);
        }
        long fraction = Math.abs(hundredths % 100);
        String sign = hundredths < 0 ? "-" : "";
        return sign + Math.abs(hundredths / 100) + (fraction < 10 ? ".0" : ".") + (fraction % 10 == 0 ? fraction / 10 : fraction);
    }

    private void endTag() {
        if (isTagOpen) {
            text.append('>');
            isTagOpen = false;
        }
    }

    private void escape(String content) {
        Printable.of(content).chars().forEach(character -> {
            switch (character) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                case '\n' -> text.append("&#10;");
                case '\r' -> text.append("&#13;");
                case '\t' -> text.append("&#9;");
                default -> text.append((char) character);
            }
        });
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
