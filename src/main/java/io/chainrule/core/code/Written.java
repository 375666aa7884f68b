package io.chainrule.core.code;

import java.util.Map;

/**
 * An expression, and how tightly its outermost operator binds, in the order that C, Java, JavaScript and Python share. Operators with two
 * operands stand between spaces, signs do not.
 */
record Written(String text, int level) {
    static final int CHOICE = 0;
    private static final int COMPARISON = 3;
    private static final int SUM = 4;
    private static final int PRODUCT = 5;
    static final int SIGN = 6;
    static final int ATOM = 7;
    private static final Map<String, Integer> OPERATORS = Map.ofEntries(Map.entry("?", CHOICE), Map.entry(":", CHOICE), Map.entry("||", 1),
            Map.entry("&&", 2), Map.entry("|", 1), Map.entry("&", 2), Map.entry("==", COMPARISON), Map.entry("!=", COMPARISON),
            Map.entry("<", COMPARISON), Map.entry("<=", COMPARISON), Map.entry(">", COMPARISON), Map.entry(">=", COMPARISON),
            Map.entry("+", SUM), Map.entry("-", SUM), Map.entry("*", PRODUCT), Map.entry("/", PRODUCT), Map.entry("%", PRODUCT),
            Map.entry("@", PRODUCT));

    static Written atom(String text) {
        return new Written(text, ATOM);
    }

    /** A number, which may have a sign. */
    static Written number(String text) {
        return new Written(text, text.startsWith("-") ? SIGN : ATOM);
    }

    static Written of(String text) {
        return new Written(text, level(text));
    }

    /** The text, in parentheses if it binds less than needed. */
    String within(int needed) {
        return level >= needed ? text : "(" + text + ")";
    }

    /** How tightly the outermost operator of an expression binds. */
    static int level(String text) {
        int level = text.startsWith("-") ? SIGN : ATOM;
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
            int end = c == ' ' && depth == 0 ? text.indexOf(' ', i + 1) : -1;
            Integer found = end < 0 ? null : OPERATORS.get(text.substring(i + 1, end));
            level = found == null ? level : Math.min(level, found);
        }
        return level;
    }

    /** How tightly an operand at this place of an expression has to bind to need no parentheses. */
    static int needed(String text, int start, int end) {
        int needed = CHOICE;
        if (text.startsWith(" ", start - 1)) {
            int before = text.lastIndexOf(' ', start - 2) + 1;
            Integer operator = OPERATORS.get(text.substring(before, start - 1));
            // An operand on the right is never taken out of its parentheses, since rounding depends on the order.
            needed = operator == null ? CHOICE : operator < COMPARISON ? joined(operator) : operator + 1;
        } else if (text.startsWith("-", start - 1)) {
            needed = ATOM;
        }
        int next = text.startsWith(" ", end) ? text.indexOf(' ', end + 1) : -1;
        Integer operator = next < 0 ? null : OPERATORS.get(text.substring(end + 1, next));
        if (operator != null) {
            // Languages differ in what a comparison of comparisons means.
            needed = Math.max(needed, operator < COMPARISON ? joined(operator) : operator == COMPARISON ? SUM : operator);
        } else if (text.startsWith("[", end) || text.startsWith(".", end)) {
            needed = ATOM;
        }
        return needed;
    }

    /** What an operand of a choice or of a logical operator needs; compilers warn of "and" within "or" without parentheses. */
    private static int joined(int operator) {
        return operator == CHOICE ? CHOICE + 1 : COMPARISON;
    }

    /** The expression without parentheses that enclose all of it. */
    static String stripped(String text) {
        int depth = 0;
        for (int i = 0; i < text.length() - 1; i++) {
            depth += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
            if (depth == 0) {
                return text;
            }
        }
        return text.startsWith("(") && text.endsWith(")") ? text.substring(1, text.length() - 1) : text;
    }
}
