package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One form of a function of another library: its parameters, and an expression of ours that means the same where the guards hold.
 *
 * @param table the name of the table that it stands in
 * @param body the tree of the expression, which is its only statement
 */
record LibraryFunction(String table, String name, List<Parameter> parameters, List<Guard> guards, SyntaxTree body) {
    private static final int NESTING = 100;
    private static final Pattern GUARD = Pattern.compile("(\\w+)(?:\\.(\\w+))? *(==|!=|<=|>=|<|>) *(.+)");

    enum Use {
        /** An array, or the items of a list of arrays. */
        OPERAND,
        /** A value that is known before the program runs. */
        ATTRIBUTE,
        /** It may only have its default value. */
        NONE
    }

    /**
     * @param value what it is without an argument; null if it must have one
     * @param isRest whether it takes all further arguments without a name
     * @param isList whether it is a list of arrays
     * @param isKeyword whether its argument has its name, and no name that another library has for it
     * @param isSmooth whether the result is a smooth function of its value, so that a derivative by a name would be missed
     */
    record Parameter(String name, @Nullable Object value, boolean isRest, boolean isList, Use use, boolean isSmooth, boolean isKeyword) {
        private String text() {
            String text = isRest ? "*" + name : isList ? "[" + name + ", …]" : name;
            return value == null || isRest ? text : text + "=" + written(value);
        }
    }

    /** A comparison of an argument, or of the rank or size of an array, with a value. */
    record Guard(String parameter, @Nullable String member, String operator, Object value) {
        private String text() {
            return parameter + (member == null ? "" : "." + member) + " " + operator + " " + written(value);
        }
    }

    /** No names, for values that the tables themselves contain. */
    private record NoNames() implements Constants.KnownNames {
        @Override
        public @Nullable Object value(String name, int token, ConstantRole role) {
            return null;
        }

        @Override
        public @Nullable Shape shape(String name, int token) {
            return null;
        }

        @Override
        public @Nullable Iteration items(String name, int token) {
            return null;
        }

        @Override
        public boolean isValue(String name) {
            return false;
        }

        @Override
        public boolean isPaused() {
            return false;
        }

        @Override
        public Problem problem(int token, String message) {
            return Problem.of(ProblemCode.SYNTAX_ERROR, message);
        }
    }

    /** Reads an entry of a table, which may define several functions alike. */
    static Map<String, LibraryFunction> read(String entry) {
        int open = entry.indexOf('(');
        int close = closing(entry, open);
        List<String> parameters = split(entry.substring(open + 1, close));
        String rest = entry.substring(close + 1).strip();
        int condition = rest.lastIndexOf(" if ");
        String guards = condition < 0 ? "" : rest.substring(condition + " if ".length());
        String body = condition < 0 ? rest : rest.substring(0, condition);
        Map<String, LibraryFunction> read = new LinkedHashMap<>();
        List<Guard> conditions = guards.isEmpty()
                ? List.of()
                : Stream.of(guards.split(" and ", -1)).map(LibraryFunction::guard).toList();
        for (String name : entry.substring(0, open).strip().split("[ ,]+", -1)) {
            int keywords = parameters.contains("*") ? parameters.indexOf("*") : parameters.size();
            String text = body.isEmpty() ? sameOp(name, parameters) : body.substring(1).strip();
            SyntaxTree tree = Parser.parse(text, NESTING);
            tree.throwIfBroken();
            read.put(name, new LibraryFunction("", name,
                    IntStream.range(0, parameters.size()).filter(i -> i != keywords)
                            .mapToObj(i -> parameter(parameters.get(i), conditions, tree, i > keywords)).toList(),
                    conditions, tree));
        }
        return read;
    }

    /** Whether it is the first form of its function in this table, so that it replaces those of an included table. */
    boolean isFirst(@Nullable List<LibraryFunction> known, String inTable) {
        return known == null || known.stream().noneMatch(form -> form.table.equals(inTable));
    }

    LibraryFunction of(String inTable) {
        return new LibraryFunction(inTable, name, parameters, guards, body);
    }

    /** The call of our op of the same name: attributes by keyword, other parameters as operands. */
    private static String sameOp(String name, List<String> parameters) {
        OpDefinition op = Objects.requireNonNull(OpCatalogue.find(name), name);
        List<String> attributes = op.attributes().stream().map(Attribute::name).toList();
        List<String> arguments = new ArrayList<>();
        List<String> keywords = new ArrayList<>();
        for (String parameter : parameters) {
            String id = parameter.replaceAll("=.*|[*\\[\\]]", "").strip();
            if (attributes.contains(id)) {
                keywords.add(id + "=" + id);
            } else if (!parameter.contains("=")) {
                arguments.add(id);
            }
        }
        arguments.addAll(keywords);
        return op.name() + "(" + String.join(", ", arguments) + ")";
    }

    private static Parameter parameter(String text, List<Guard> guards, SyntaxTree body, boolean isKeyword) {
        int equals = text.indexOf('=');
        String declared = (equals < 0 ? text : text.substring(0, equals)).strip();
        boolean isRest = declared.startsWith("*");
        boolean isList = declared.startsWith("[");
        String name = declared.replaceAll("[*\\[\\]]", "");
        Object value = equals >= 0 ? value(text.substring(equals + 1).strip()) : isRest ? List.of() : null;
        Use use = use(name, body);
        boolean isGuarded = use == Use.NONE && guards.stream().anyMatch(guard -> guard.parameter().equals(name));
        boolean isOfArray = guards.stream().anyMatch(guard -> guard.parameter().equals(name) && guard.member() != null);
        return new Parameter(name, value, isRest, isList, isGuarded ? isOfArray ? Use.OPERAND : Use.ATTRIBUTE : use,
                isSmooth(name, body), isKeyword);
    }

    private static Use use(String name, SyntaxTree body) {
        Use use = Use.NONE;
        int keyword = 0;
        for (int node = 0; node < body.size(); node++) {
            Syntax kind = body.kind(node);
            keyword = kind == Syntax.KEYWORD || kind == Syntax.INDEX ? Math.max(keyword, body.extent(node)) : keyword;
            if (kind == Syntax.NAME && body.tokens().text(body.token(node)).equals(name)
                    && (node + 1 == body.size() || body.kind(node + 1) != Syntax.MEMBER
                            || body.tokens().text(body.extent(node + 1)).equals("T"))) {
                use = node < keyword && use != Use.OPERAND ? Use.ATTRIBUTE : node < keyword ? use : Use.OPERAND;
            }
        }
        return use;
    }

    private static boolean isSmooth(String name, SyntaxTree body) {
        Deque<OpDefinition> ops = new ArrayDeque<>();
        for (int node = 0; node < body.size(); node++) {
            switch (body.kind(node)) {
                case CALLEE -> ops.push(OpCalls.known(body.tokens().text(body.token(node), body.extent(node))));
                case CALL -> ops.pop();
                case KEYWORD -> {
                    boolean isSmooth = !OpCalls.role(ops.element(), body.tokens().text(body.token(node))).takesNames();
                    for (int value = node + 1; isSmooth && value < body.extent(node); value++) {
                        if (body.kind(value) == Syntax.NAME && body.tokens().text(body.token(value)).equals(name)) {
                            return true;
                        }
                    }
                }
                default -> {
                    // Only attributes are known numbers.
                }
            }
        }
        return false;
    }

    private static Guard guard(String text) {
        Matcher matcher = GUARD.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalStateException("no guard: " + text);
        }
        return new Guard(matcher.group(1), matcher.group(2), matcher.group(3), value(matcher.group(4)));
    }

    private static Object value(String text) {
        SyntaxTree tree = Parser.parse("value = " + text, NESTING);
        tree.throwIfBroken();
        return new Constants(tree, new NoNames(), new Problems()).evaluate(0, tree.size(), ConstantRole.ANY).getFirst();
    }

    private static int closing(String text, int open) {
        int depth = 0;
        for (int i = open;; i++) {
            depth += text.charAt(i) == '(' || text.charAt(i) == '[' ? 1 : text.charAt(i) == ')' || text.charAt(i) == ']' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
    }

    private static List<String> split(String parameters) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int first = 0;
        for (int i = 0; i <= parameters.length(); i++) {
            char c = i == parameters.length() ? ',' : parameters.charAt(i);
            depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
            if (c == ',' && depth == 0 || i == parameters.length()) {
                parts.add(parameters.substring(first, i).strip());
                first = i + 1;
            }
        }
        parts.removeIf(String::isEmpty);
        return parts;
    }

    private static String written(Object value) {
        return value == Constants.NONE
                ? "None"
                : value instanceof Double number
                        ? ValueText.number(number)
                        : value instanceof String text ? "'" + text + "'" : value.toString();
    }

    /** Whether arguments have names that only one library has, so that the call means what it means there. */
    boolean hasKeywords() {
        return parameters.stream().anyMatch(Parameter::isKeyword);
    }

    /** The expression that the call means. */
    String bodyText() {
        return body.tokens().text(0, body.tokens().size() - 2);
    }

    /** The guards as text; null if there are none. */
    @Nullable
    String condition() {
        return guards.isEmpty() ? null : guards.stream().map(Guard::text).collect(Collectors.joining(" and "));
    }

    /** The call with the parameters that may have another value than their default. */
    String taken(String written) {
        return parameters.stream().filter(parameter -> parameter.use() != Use.NONE).map(Parameter::text)
                .collect(Collectors.joining(", ", written + "(", ")"));
    }

    /** The call as messages show it, with its parameters. */
    String text(String written) {
        return parameters.stream().map(Parameter::text).collect(Collectors.joining(", ", written + "(", ")"));
    }
}
