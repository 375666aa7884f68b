package io.chainrule.core.expression;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads definitions and calls of functions. A body is looked at for mistakes where it is defined, and read again at each
 * call, with its parameters standing for the nodes of the arguments.
 */
final class FunctionReader {
    private final Tokens tokens;
    private final Cursor cursor;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final Functions functions;
    /** The function whose definition is being read. */
    private @Nullable String defining;

    FunctionReader(Tokens tokens, Cursor cursor, Scope scope, NodeWriter writer, Problems problems, Functions functions) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
        this.functions = functions;
    }

    /** Reads a definition, through its body; the cursor is at the separator behind it after. */
    void define(ExpressionReader expressions) {
        int first = cursor.at();
        String name = tokens.text(first);
        int before = problems.total();
        boolean wasPaused = writer.pause(true);
        List<String> parameters = List.of();
        int body = first;
        defining = name;
        try {
            parameters = parameters(first);
            body = cursor.at();
            Map<String, Integer> unknown = new HashMap<>();
            parameters.forEach(parameter -> unknown.put(parameter, NodeWriter.BROKEN));
            scope.enter(unknown);
            try {
                expressions.read();
            } finally {
                scope.leave();
            }
        } catch (SyntaxException e) {
            problems.add(e.problem());
            cursor.recover(e.resumeAt());
        }
        defining = null;
        writer.pause(wasPaused);
        functions.define(new Definition(name, first, parameters, body, cursor.at(), problems.total() > before));
    }

    /** Reads {@code f(a, b) =}. */
    private List<String> parameters(int first) {
        if (Names.isKeyword(tokens.text(first))) {
            throw tokens.syntaxError(first, tokens.quoted(first) + " is a word of the language; no function can have this name");
        }
        List<String> parameters = new ArrayList<>();
        cursor.advance();
        cursor.open();
        while (cursor.kind() != TokenKind.RIGHT_PAREN) {
            String parameter = tokens.text(cursor.at());
            if (cursor.kind() != TokenKind.NAME || Names.isKeyword(parameter)) {
                throw tokens.syntaxError(cursor.at(), "a parameter is a name, not " + tokens.quoted(cursor.at()));
            } else if (parameters.contains(parameter)) {
                throw tokens.syntaxError(cursor.at(), "two parameters are called '" + parameter + "'");
            }
            parameters.add(parameter);
            cursor.advance();
            if (!cursor.accept(TokenKind.COMMA)) {
                break;
            }
        }
        cursor.close();
        cursor.advance();
        return List.copyOf(parameters);
    }

    /** Begins the call of a function; null where the name is none. */
    Frame.@Nullable Application begin(int token, String name, int base) {
        Definition definition = functions.find(name);
        if (name.equals(defining)) {
            problems.add(recursion(token, name + " → " + name));
        } else if (definition == null && !(writer.isPaused() && functions.announced(name) != null)) {
            return null;
        }
        return new Frame.Application(token, writer.isPaused() ? null : definition, base, new TreeMap<>());
    }

    /** Reads {@code name=}; its value is the next argument, {@code position} others stand before it. */
    void keyword(Frame.Application call, int position) {
        call.keywords().put(position, cursor.at());
        cursor.advance();
        cursor.advance();
    }

    /** Goes to the body of a function whose call has been read; null where there is nothing to read. */
    Frame.@Nullable Body enter(Frame.Application call, int[] arguments) {
        Definition definition = call.definition();
        if (definition == null || definition.isBroken()) {
            return null;
        } else if (definition.isActive()) {
            definition.markBroken();
            problems.add(recursion(call.token(), circle(definition.name())));
            return null;
        }
        Map<String, Integer> bound = bound(call, definition, arguments);
        if (bound == null || Arrays.stream(arguments).anyMatch(argument -> argument == NodeWriter.BROKEN)) {
            return null;
        }
        Frame.Body body = new Frame.Body(call.token(), definition, writer.site());
        writer.enter(new Site.Call(writer.site(), definition.name(), tokens.start(call.token())), definition.length());
        definition.activate(true);
        scope.enter(bound);
        cursor.enter(definition.body());
        return body;
    }

    /** Goes back to the call whose body has been read. */
    void leave(Frame.Body body) {
        cursor.leave();
        abandon(body);
    }

    /** As {@link #leave}, where a mistake has moved the cursor. */
    void abandon(Frame.Body body) {
        scope.leave();
        body.definition().activate(false);
        writer.returnTo(body.site());
    }

    /** The parameters with their arguments; null where they do not fit. */
    private @Nullable Map<String, Integer> bound(Frame.Application call, Definition definition, int[] arguments) {
        List<String> parameters = definition.parameters();
        Map<String, Integer> bound = new HashMap<>();
        int before = problems.total();
        for (int i = 0; i < arguments.length; i++) {
            Integer keyword = call.keywords().get(i);
            if (keyword == null) {
                if (i < parameters.size()) {
                    bound.put(parameters.get(i), arguments[i]);
                }
                continue;
            }
            String name = tokens.text(keyword);
            if (!parameters.contains(name)) {
                problems.add(() -> writer
                        .problem(ProblemCode.BAD_ATTRIBUTE, keyword, "function " + definition.name() + " has no parameter '" + name + "'")
                        .attribute(name).hint(Nearest.hint(name, parameters).orElse(null)));
            } else if (bound.putIfAbsent(name, arguments[i]) != null) {
                problems.add(writer.problem(ProblemCode.BAD_ATTRIBUTE, keyword, "parameter '" + name + "' is given twice").attribute(name));
            }
        }
        if (problems.total() == before && (arguments.length != parameters.size() || bound.size() != parameters.size())) {
            String wanted = parameters.size() + (parameters.size() == 1 ? " argument" : " arguments")
                    + (parameters.isEmpty() ? "" : " (" + String.join(", ", parameters) + ")");
            problems.add(writer
                    .problem(ProblemCode.WRONG_ARITY, call.token(),
                            "function " + definition.name() + " takes " + wanted + ", not " + arguments.length)
                    .expected(wanted, Integer.toString(arguments.length))
                    .hint("it is defined at " + tokens.place(definition.token())));
        }
        return problems.total() == before ? bound : null;
    }

    private Problem recursion(int token, String circle) {
        return writer.problem(ProblemCode.SYNTAX_ERROR, token, "a function cannot call itself: " + circle)
                .hint("functions are written out at each call; a loop is written for i in 0:10");
    }

    /** The calls from the one of this function on, which are all in the circle. */
    private String circle(String name) {
        StringBuilder circle = new StringBuilder(name);
        Site site = writer.site();
        while (site instanceof Site.Call call && !call.function().equals(name)) {
            circle.insert(0, call.function() + " → ");
            Objects.requireNonNull(functions.find(call.function())).markBroken();
            site = call.outer();
        }
        return circle.insert(0, name + " → ").toString();
    }
}
