package io.chainrule.container;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What an instruction's arguments mean. */
final class Words {
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{(\\w+)(?::-([^}]*))?})");
    private static final Pattern PAIR = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|(\\S*))\\s*");

    private Words() {}

    /** With variables replaced, as the engine does it for all but commands. */
    static String substituted(String text, Map<String, String> variables) {
        return VARIABLE.matcher(text).replaceAll(match -> {
            String name = match.group(1) != null ? match.group(1) : match.group(2);
            String otherwise = match.group(3) != null ? match.group(3) : "";
            return Matcher.quoteReplacement(variables.getOrDefault(name, otherwise));
        });
    }

    /** Those of {@code ENV a=1 b="2 3"}. */
    static Map<String, String> pairs(String text) {
        var pairs = new LinkedHashMap<String, String>();
        var matcher = PAIR.matcher(text);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            pairs.put(matcher.group(1), matcher.group(2) != null ? matcher.group(2) : matcher.group(3));
            end = matcher.end();
        }
        if (end != text.length()) {
            throw new IllegalArgumentException(text);
        }
        return pairs;
    }

    /** The exec form is a JSON array; anything else goes to the shell. */
    static List<String> command(String text) {
        if (text.startsWith("[")) {
            return JsonMapper.shared().readValue(text, new TypeReference<>() {});
        }
        return List.of("/bin/sh", "-c", text);
    }
}
