package io.chainrule.service.models;

import io.chainrule.core.expression.Characters;
import io.chainrule.core.expression.Names;
import io.chainrule.core.op.OpCatalogue;
import java.util.regex.Pattern;

/**
 * Looks for calls in a text without parsing it: most texts call nothing but ops, and are not parsed to find models. It may take something
 * else for a call, which costs time alone, but overlooks none.
 */
final class CalledNames {
    /** In {@code jax.grad(model)(x)} the name of the model stands within parentheses. */
    private static final Pattern GRADIENT = Pattern.compile("grad[\\s\\p{Z}]*\\(");
    private static final char BYTE_ORDER_MARK = 0xFEFF;

    private CalledNames() {}

    /** Whether a text may call a model: a legal name that is no op, method or function of a path stands before a parenthesis or a brace. */
    static boolean mayCall(String written) {
        String text = Characters.plain(written);
        if (GRADIENT.matcher(text).find()) {
            return true;
        }
        for (int open = 0; open < text.length(); open++) {
            if ((text.charAt(open) == '(' || text.charAt(open) == '{') && mayCallBefore(text, open)) {
                return true;
            }
        }
        return false;
    }

    private static boolean mayCallBefore(String text, int open) {
        int end = open;
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            if (isLineBreak(text.charAt(end - 1))) {
                // The line before may end with a backslash or a comment, behind the name.
                return true;
            }
            end--;
        }
        int start = end;
        while (start > 0 && Names.isPart(text.charAt(start - 1))) {
            start--;
        }
        // A number before a name multiplies it.
        int first = start;
        while (first < end && Character.isDigit(text.charAt(first))) {
            first++;
        }
        boolean isBare = first > start || start == 0 || text.charAt(start - 1) != '.' && text.charAt(start - 1) != '\\';
        String name = text.substring(first, end);
        return isBare && ModelName.isLegal(name) && OpCatalogue.find(name) == null;
    }

    private static boolean isSpace(char character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character) || character == BYTE_ORDER_MARK;
    }

    private static boolean isLineBreak(char character) {
        return character == '\n' || character == '\r';
    }
}
