package io.chainrule.core.expression;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Parts of a text, as its statements are, and the names in it. */
public record TextParts(SyntaxTree tree) {
    /**
     * The text up to the end of the last statement, outside of all bodies, that gives one of these names a value or has a body that does;
     * null if none does. Names in the bodies of definitions are others.
     */
    public @Nullable String upTo(Set<String> names) {
        int behind = 0;
        for (int at = 0; at < tree.statements().size();) {
            int next = behind(at);
            boolean isDefinition = tree.statements().get(at) instanceof Statement.Definition;
            if (!isDefinition && tree.statements().subList(at, next).stream().flatMap(this::given).anyMatch(names::contains)) {
                behind = next;
            }
            at = next;
        }
        if (behind == 0) {
            return null;
        }
        while (behind < tree.statements().size() && isChained(behind)) {
            behind++;
        }
        int last = (behind == tree.statements().size() ? tree.tokens().size() - 1 : begin(behind)) - 1;
        while (tree.tokens().kind(last).endsStatement()) {
            last--;
        }
        return tree.tokens().through(last);
    }

    /** Whether the last statement, outside of all bodies, gives this name a value and does nothing else. */
    public boolean endsWith(String name) {
        return !tree.statements().isEmpty() && tree.statements().getLast() instanceof Statement.Evaluation last && name.equals(last.name());
    }

    /** Whether the text has no syntax errors and ends with a definition that is not the program if these inputs have values. */
    public boolean endsUnused(Set<String> inputs) {
        return tree.problems().isEmpty() && !tree.statements().isEmpty()
                && tree.statements().getLast() instanceof Statement.EndOfDefinition && tree.program(inputs).isEmpty();
    }

    /** The number of the statement that follows a statement and its body. */
    private int behind(int statement) {
        return 1 + switch (tree.statements().get(statement)) {
            case Statement.Definition definition -> definition.end();
            case Statement.Branch branch -> branch.end();
            case Statement.Loop loop when loop.hasBody() -> loop.end();
            default -> statement;
        };
    }

    /** The first token of the line or, behind a semicolon, of the part of a line in which a statement stands. */
    private int begin(int statement) {
        int token = tree.statements().get(statement).token();
        while (token > 0 && !tree.tokens().kind(token - 1).endsStatement()) {
            token--;
        }
        return token;
    }

    /** Whether a statement is part of a chain with the one before it: the tree has two statements for {@code a = b = 1}. */
    private boolean isChained(int statement) {
        if (!(tree.statements().get(statement - 1) instanceof Statement.Evaluation before)) {
            return false;
        }
        int token = before.token();
        while (token < tree.statements().get(statement).token() && !tree.tokens().kind(token).endsStatement()) {
            token++;
        }
        return token == tree.statements().get(statement).token();
    }

    /**
     * If the program is a function definition, given that these inputs have values: the default values of those of its parameters that
     * have no value. Else empty.
     */
    public Map<String, Double> defaults(Set<String> inputs) {
        Map<String, Double> defaults = new LinkedHashMap<>();
        Iterator<String> names = tree.parameters(inputs).iterator();
        tree.program(inputs).stream().flatMap(definition -> definition.parameters().stream()).forEach(parameter -> {
            Double value = parameter.value();
            if (!inputs.contains(names.next()) && value != null) {
                defaults.put(parameter.name(), value);
            }
        });
        return defaults;
    }

    /** The names to which a statement gives values. */
    private Stream<String> given(Statement statement) {
        return switch (statement) {
            case Statement.Evaluation evaluation -> Stream.ofNullable(evaluation.name());
            case Statement.Unpacking unpacking -> unpacking.names().stream().map(tree.tokens()::text);
            case Statement.Loop loop -> loop.variables().stream().map(tree.tokens()::text);
            default -> Stream.empty();
        };
    }

    /**
     * Returns the names that statements assign. A variable of a function that the program calls is left out if the same name also occurs
     * outside of such functions, where it means something else.
     */
    public Set<String> given() {
        Set<String> given = new HashSet<>();
        Set<String> outside = new HashSet<>();
        Set<String> inFunctions = new HashSet<>();
        for (int at = 0, next; at < tree.statements().size(); at = next) {
            next = behind(at);
            boolean isFunction = isFunction(at, next);
            tree.statements().subList(at, next).stream().flatMap(this::given).forEach((isFunction ? inFunctions : given)::add);
            if (!isFunction) {
                outside.addAll(names(at, next));
            }
        }
        inFunctions.removeAll(outside);
        given.addAll(inFunctions);
        return given;
    }

    /**
     * Returns the names that may refer to inputs. Left out are keywords of calls, members such as {@code shape} in {@code x.shape}, and,
     * within a function that the program calls, the parameters of that function.
     */
    public Set<String> names() {
        Set<String> names = new HashSet<>();
        for (int at = 0, next; at < tree.statements().size(); at = next) {
            next = behind(at);
            names.addAll(names(at, next));
        }
        return names;
    }

    /**
     * Whether a statement defines a function that is not the program. A definition at the end is taken for the program here, also where its
     * parameters have no values.
     */
    private boolean isFunction(int at, int next) {
        return next < tree.statements().size() && tree.statements().get(at) instanceof Statement.Definition;
    }

    /** The names in a statement and its body. */
    private Set<String> names(int at, int next) {
        Set<String> names = new HashSet<>();
        int end = next == tree.statements().size() ? tree.tokens().size() - 1 : tree.statements().get(next).token();
        for (int token = Math.max(0, tree.statements().get(at).token()); token < end; token++) {
            boolean isMember = token > 0 && tree.tokens().kind(token - 1) == TokenKind.DOT;
            boolean isKeyword = tree.tokens().kind(token + 1) == TokenKind.ASSIGN;
            if (tree.tokens().kind(token) == TokenKind.NAME && !isMember && !isKeyword) {
                names.add(tree.tokens().text(token));
            }
        }
        if (isFunction(at, next) && tree.statements().get(at) instanceof Statement.Definition function) {
            function.names().forEach(names::remove);
        }
        return names;
    }
}
