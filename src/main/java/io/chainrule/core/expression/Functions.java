package io.chainrule.core.expression;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The functions of a program. What a name means is decided where it is called, as in Python: the latest definition so far. */
final class Functions {
    private final Map<String, Definition> defined = new HashMap<>();
    /** The first definition of each name that is defined anywhere in the text. */
    private final Map<String, Integer> announced = new HashMap<>();

    Functions(Tokens tokens) {
        for (int token = 0; token < tokens.size(); token++) {
            if ((token == 0 || tokens.kind(token - 1).endsStatement()) && isDefinition(tokens, token)) {
                announced.putIfAbsent(tokens.text(token), token);
            }
        }
    }

    /** Whether a statement begins like {@code f(a, b) =}. */
    static boolean isDefinition(Tokens tokens, int first) {
        if (tokens.kind(first) != TokenKind.NAME || tokens.kind(first + 1) != TokenKind.LEFT_PAREN) {
            return false;
        }
        int at = first + 2;
        while (tokens.kind(at) == TokenKind.NAME || tokens.kind(at) == TokenKind.COMMA) {
            at++;
        }
        return tokens.kind(at) == TokenKind.RIGHT_PAREN && tokens.kind(at + 1) == TokenKind.ASSIGN;
    }

    void define(Definition definition) {
        defined.put(definition.name(), definition);
    }

    /** The latest definition so far. */
    @Nullable
    Definition find(String name) {
        return defined.get(name);
    }

    /** Where the name is first defined, be it further down. */
    @Nullable
    Integer announced(String name) {
        return announced.get(name);
    }

    Set<String> names() {
        return announced.keySet();
    }
}
