package io.chainrule.web.v1;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes one slip in a program, as somebody who types does. */
final class ProgramMutator {
    private static final Pattern BRACKET = Pattern.compile("[()\\[\\]]");
    private static final Pattern CLOSER = Pattern.compile("[)\\]]");
    private static final Pattern OPENER = Pattern.compile("\\(");
    private static final Pattern FUNCTION = Pattern.compile("[a-z_0-9]{4,}(?=\\()");
    private static final Pattern ATTRIBUTE = Pattern.compile("[a-z_]{4,}(?==[^=])");
    private static final Pattern SIGN = Pattern.compile(">=|<=|!=|\\band\\b|\\bor\\b|\\bnot ");
    private static final Pattern TIMES = Pattern.compile("(?<=[A-Za-z0-9)\\]]) ?\\* ?(?=[A-Za-z(])");

    private final Random random;

    ProgramMutator(Random random) {
        this.random = random;
    }

    /** Returns the program with a slip; null if there is nothing in it that this slip can be made in. */
    @Nullable
    String mutate(String text) {
        return switch (random.nextInt(9)) {
            case 0 -> replaced(text, BRACKET, _ -> "");
            case 1 -> replaced(text, CLOSER, bracket -> bracket + bracket);
            case 2, 3 -> replaced(text, FUNCTION, name -> misspelt(name));
            case 4 -> replaced(text, TIMES, _ -> random.nextBoolean() ? "" : " ");
            case 5 -> replaced(text, SIGN, ProgramMutator::foreign);
            case 6 -> replaced(text, FUNCTION, this::otherCase);
            case 7 -> replaced(text, ATTRIBUTE, name -> misspelt(name));
            default -> random.nextBoolean()
                    ? replaced(text, CLOSER, bracket -> bracket.equals(")") ? "]" : ")")
                    : replaced(text, OPENER, _ -> " ");
        };
    }

    private @Nullable String replaced(String text, Pattern pattern, UnaryOperator<String> replacement) {
        List<MatchResult> found = pattern.matcher(text).results().toList();
        if (found.isEmpty()) {
            return null;
        }
        MatchResult match = found.get(random.nextInt(found.size()));
        return text.substring(0, match.start()) + replacement.apply(match.group()) + text.substring(match.end());
    }

    /** One letter is left out, doubled, swapped with the next or replaced. */
    private String misspelt(String name) {
        int at = 1 + random.nextInt(name.length() - 1);
        String before = name.substring(0, at);
        String behind = name.substring(at + 1);
        return switch (random.nextInt(4)) {
            case 0 -> before + behind;
            case 1 -> before + name.charAt(at) + name.charAt(at) + behind;
            case 2 -> before.substring(0, at - 1) + name.charAt(at) + name.charAt(at - 1) + behind;
            default -> before + "aeioulmnrst".charAt(random.nextInt(11)) + behind;
        };
    }

    private String otherCase(String name) {
        return random.nextBoolean()
                ? name.toUpperCase(Locale.ROOT)
                : Pattern.compile("_([a-z])").matcher(name).replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
    }

    private static String foreign(String sign) {
        return switch (sign) {
            case ">=" -> "=>";
            case "<=" -> "=<";
            case "!=" -> "<>";
            case "and" -> "&&";
            case "or" -> "||";
            default -> "!";
        };
    }
}
