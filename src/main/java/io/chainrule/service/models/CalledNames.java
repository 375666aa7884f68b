package io.chainrule.service.models;

import io.chainrule.core.op.OpCatalogue;

/** Looks for calls in a text without parsing it: most texts call nothing but ops, and are not parsed to find models. */
final class CalledNames {
    private CalledNames() {}

    /** Whether a text may call a model: a legal name stands before a parenthesis, and it is no op, method or function of a path. */
    static boolean mayCall(String text) {
        for (int open = text.indexOf('('); open >= 0; open = text.indexOf('(', open + 1)) {
            int end = open;
            while (end > 0 && text.charAt(end - 1) == ' ') {
                end--;
            }
            int start = end;
            while (start > 0 && isInName(text.charAt(start - 1))) {
                start--;
            }
            boolean isBare = start == 0 || text.charAt(start - 1) != '.' && text.charAt(start - 1) != '\\';
            String name = text.substring(start, end);
            if (isBare && ModelName.isLegal(name) && OpCatalogue.find(name) == null) {
                return true;
            }
        }
        return false;
    }

    private static boolean isInName(char character) {
        return Character.isLetterOrDigit(character) || character == '_';
    }
}
