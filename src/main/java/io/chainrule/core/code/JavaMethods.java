package io.chainrule.core.code;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Statements of Java, in one method if it has room for them, else in several. A method holds 64 kB, and the JVM interprets it if it is
 * longer than 8 kB. Variables that several methods read are fields.
 *
 * @param fields declarations of fields
 * @param main the statements of the method that is called
 * @param others the other methods
 */
record JavaMethods(String fields, String main, String others) {
    /** Eight bytes for the three characters of a short number in a list are the most that a character can take. */
    private static final int MOST_CHARACTERS = 20_000;
    private static final int CHARACTERS_A_PART = 8_000;
    /** A field takes three of the 65,535 constants of a class. */
    private static final int MOST_FIELDS = 15_000;
    private static final Pattern DECLARATION = Pattern.compile("(double\\[\\]|double|int\\[\\]) (\\w+) = ");
    private static final Pattern NAME = Pattern.compile("(?<![\\w.])[A-Za-z]\\w*");
    private static final int MAIN = -1;

    static JavaMethods of(Dialect.Body body, String answer) {
        return body.statements().length() <= MOST_CHARACTERS
                ? new JavaMethods("", body.statements() + answer, "")
                : inParts(body, answer);
    }

    private static JavaMethods inParts(Dialect.Body body, String answer) {
        List<List<String>> parts = parts(body.statements());
        Map<String, Integer> homes = new LinkedHashMap<>();
        Map<String, String> fields = new LinkedHashMap<>();
        body.inputs().forEach(input -> homes.put(input.name(), MAIN));
        Map<String, String> types = new LinkedHashMap<>();
        body.inputs().forEach(input -> types.put(input.name(), JavaDialect.type(input).strip()));
        for (int part = 0; part < parts.size(); part++) {
            for (String statement : parts.get(part)) {
                Matcher declared = DECLARATION.matcher(statement);
                if (declared.lookingAt()) {
                    homes.put(declared.group(2), part);
                    types.put(declared.group(2), declared.group(1));
                }
                share(statement, part, homes, types, fields);
            }
        }
        share(answer, MAIN, homes, types, fields);
        if (fields.size() > MOST_FIELDS) {
            throw new NoCodeException(List.of(new NoCodeException.Refusal(null, "Java code of this program needs " + fields.size()
                    + " variables that several methods share, and a class has no room for more than " + MOST_FIELDS)));
        }
        String object = body.names().of("run");
        StringBuilder main = new StringBuilder("Gradient " + object + " = new Gradient();\n");
        body.inputs().stream().map(Dialect.Variable::name).filter(fields::containsKey)
                .forEach(name -> main.append(object + "." + name + " = " + name + ";\n"));
        StringBuilder others = new StringBuilder();
        for (int part = 0; part < parts.size(); part++) {
            main.append(object + ".part" + (part + 1) + "();\n");
            String statements = parts.get(part).stream().map(statement -> assigned(statement, fields)).collect(Collectors.joining());
            others.append("\n    private void part" + (part + 1) + "() {\n" + Dialect.indented(statements, 2) + "    }\n");
        }
        main.append(NAME.matcher(answer)
                .replaceAll(
                        name -> fields.containsKey(name.group()) ? object + "." + name.group() : Matcher.quoteReplacement(name.group())));
        String declarations = fields.entrySet().stream().map(field -> "    private " + field.getValue() + " " + field.getKey() + ";\n")
                .collect(Collectors.joining());
        return new JavaMethods(declarations + "\n", main.toString(), others.toString());
    }

    /** Makes those variables fields that a part reads and another one declares. */
    private static void share(String text, int part, Map<String, Integer> homes, Map<String, String> types, Map<String, String> fields) {
        Matcher name = NAME.matcher(text);
        while (name.find()) {
            Integer home = homes.get(name.group());
            String type = types.get(name.group());
            if (home != null && type != null && home != part) {
                fields.put(name.group(), type);
            }
        }
    }

    /** The statement that assigns to a field what it declared a variable with. */
    private static String assigned(String statement, Map<String, String> fields) {
        Matcher declared = DECLARATION.matcher(statement);
        if (!declared.lookingAt() || !fields.containsKey(declared.group(2))) {
            return statement;
        }
        String value = statement.substring(declared.end());
        return declared.group(2) + " = " + (value.startsWith("{") ? "new " + declared.group(1) + " " : "") + value;
    }

    /** Statements of the outermost block, grouped. */
    private static List<List<String>> parts(String statements) {
        List<List<String>> parts = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        int length = CHARACTERS_A_PART;
        for (String line : (statements + "end").lines().toList()) {
            boolean isFirst = !line.startsWith(" ") && !line.startsWith("}");
            if (isFirst && !statement.isEmpty()) {
                if (length + statement.length() > CHARACTERS_A_PART) {
                    parts.add(new ArrayList<>());
                    length = 0;
                }
                length += statement.length();
                parts.getLast().add(statement.toString());
                statement.setLength(0);
            }
            statement.append(line).append('\n');
        }
        return parts;
    }
}
