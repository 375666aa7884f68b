package io.chainrule.core.expression;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Statements of Python that compute nothing here, and those that cannot be expressed. */
record PythonStatements(Tokens tokens) {
    private static final String IN_PLACE = " is ignored: the program is the function, ";
    private static final Map<String, String> METHODS = Map.of("backward",
            IN_PLACE + "and its gradients are in the answer of /v1/gradient", "step",
            IN_PLACE + "and /v1/train updates its inputs", "zero_grad",
            IN_PLACE + "and gradients are not kept between requests",
            "retain_grad", IN_PLACE + "and every node has its gradient in the answer", "requires_grad_",
            IN_PLACE + "and every input has its gradient in the answer", "train", IN_PLACE + "a network is trained by /v1/train", "eval",
            IN_PLACE + "a network is trained by /v1/train", "manual_seed", IN_PLACE + "and random ops have a seed of their own", "seed",
            IN_PLACE + "and random ops have a seed of their own");
    private static final Set<String> OPTIMIZERS = Set.of("optim", "optax");
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("while", "a program has no open end; write for i in range(10): with a number that is known"),
            Map.entry("try", "a program has no exceptions; where(x > 0, log(x), 0) chooses values"),
            Map.entry("class", "a program has no classes; write functions, def f(x): …, or a network for /v1/gradient"),
            Map.entry("with", "a program has no contexts; stop_gradient(x) stops a gradient"),
            Map.entry("raise", "a program has no exceptions; leave the line out"),
            Map.entry("del", "a program keeps all its values; leave the line out"),
            Map.entry("global", "a function reads names from outside, and cannot bind them"),
            Map.entry("async", "a program runs in one piece; leave the word out"),
            Map.entry("yield", "a function has one value, that of its return"));

    /** What to write for a program whose statements all compute nothing; null if it has none. */
    static @Nullable String instead(SyntaxTree tree) {
        if (tree.statements().isEmpty() || !(tree.statements().getLast() instanceof Statement.Ignored ignored)) {
            return null;
        }
        Tokens tokens = tree.tokens();
        int first = ignored.token();
        boolean isPrint = tokens.is(first, "print") && tokens.kind(first + 1) == TokenKind.LEFT_PAREN
                && tokens.kind(first + 2) != TokenKind.RIGHT_PAREN;
        return isPrint
                ? "print computes nothing; write " + printed(tokens, first + 2)
                : "the last line computes nothing; write what the program is, such as sum(x^2)";
    }

    /** The first argument of a print, which begins at a token. */
    private static String printed(Tokens tokens, int first) {
        int depth = 0;
        int at = first;
        while (tokens.kind(at) != TokenKind.END && depth >= 0 && !(depth == 0 && tokens.kind(at) == TokenKind.COMMA)) {
            depth += tokens.kind(at).opens() ? 1 : tokens.kind(at).closes() ? -1 : 0;
            at++;
        }
        return new Operands(tokens).shown(first, Math.max(first, depth < 0 ? at - 2 : at - 1));
    }

    /** Whether the line that begins at the token continues a branch or a try before it. */
    boolean continues(int first) {
        return switch (tokens.text(first)) {
            case "else", "elif", "except", "finally" -> true;
            default -> false;
        };
    }

    /** Whether the statement at the token is an import. */
    boolean isImport(int first) {
        return tokens.kind(first + 1) == TokenKind.NAME && (tokens.is(first, "import") || tokens.is(first, "from"));
    }

    /** The names that the import at a token binds, with the paths that they stand for: {@code LA} for {@code numpy.linalg}. */
    Map<String, String> imports(int first) {
        Map<String, String> names = new LinkedHashMap<>();
        boolean isFrom = tokens.is(first, "from");
        String module = "";
        StringBuilder path = new StringBuilder();
        for (int token = first + 1;; token++) {
            boolean isEnd = tokens.kind(token).endsStatement();
            if (isFrom && tokens.is(token, "import")) {
                module = path + ".";
                path.setLength(0);
            } else if (tokens.is(token, "as") || isEnd || tokens.kind(token) == TokenKind.COMMA) {
                String name = tokens.is(token, "as") ? tokens.text(token + 1) : path.toString();
                if (!path.isEmpty() && (isFrom || tokens.is(token, "as"))) {
                    names.put(name, module + path);
                }
                path.setLength(0);
                token += tokens.is(token, "as") ? 1 : 0;
            } else if (tokens.kind(token) == TokenKind.NAME || tokens.kind(token) == TokenKind.DOT) {
                path.append(tokens.text(token));
            }
            if (isEnd) {
                return names;
            }
        }
    }

    /** Whether {@code return} and a value stand at the token. */
    boolean isReturn(int first) {
        return tokens.is(first, "return") && switch (tokens.kind(first + 1)) {
            case NAME, NUMBER, LEFT_PAREN, LEFT_BRACKET, BAR, DOUBLE_BAR, ROOT, CUBE_ROOT, TEXT -> true;
            case MINUS -> tokens.end(first) < tokens.start(first + 1) && tokens.end(first + 1) == tokens.start(first + 2);
            default -> tokens.kind(first + 1).endsStatement();
        };
    }

    /** Whether a name, before a dot or another name, shows that the text is a program of Python. */
    boolean isOfPython(int token) {
        return switch (tokens.kind(token + 1)) {
            case DOT -> tokens.is(token, "np") || tokens.is(token, "torch");
            default -> tokens.is(token, "import") || tokens.is(token, "def");
        };
    }

    /** Whether a name, before a dot or another name, shows that arrays are tensors of PyTorch. */
    boolean isOfTorch(int token) {
        return switch (tokens.kind(token + 1)) {
            case DOT -> tokens.is(token, "torch") || tokens.is(token, "F") || tokens.is(token, "nn");
            default -> tokens.is(token, "torch") || tokens.is(token, "import") && tokens.is(token + 1, "torch");
        };
    }

    /** Whether a branch begins at the token: {@code if} and a condition, or {@code else} and a colon. */
    boolean isBranch(int first) {
        return isWordBefore(first + 1)
                ? tokens.is(first, "if") || tokens.is(first, "elif")
                : tokens.kind(first + 1) == TokenKind.COLON && tokens.is(first, "else");
    }

    /** Whether what stands at the token shows that the token before it is a word of Python and no name. */
    private boolean isWordBefore(int token) {
        return switch (tokens.kind(token)) {
            case NAME, NUMBER, TEXT, LEFT_PAREN -> true;
            default -> false;
        };
    }

    /** Whether {@code break} or {@code continue} is the statement at the token. */
    boolean isJump(int first) {
        return tokens.kind(first + 1).endsStatement() && (tokens.is(first, "break") || tokens.is(first, "continue"));
    }

    /**
     * Returns the last token of the type behind a name in {@code x: float = 3}; 0 if none stands there, and a negative number if nothing is
     * bound to the name.
     */
    int annotated(int first) {
        if (tokens.kind(first) != TokenKind.NAME || tokens.kind(first + 1) != TokenKind.COLON || tokens.kind(first + 2) != TokenKind.NAME) {
            return 0;
        }
        int depth = 0;
        int at = first + 2;
        while (!tokens.kind(at).endsStatement() && (depth > 0 || tokens.kind(at) != TokenKind.ASSIGN)) {
            depth += tokens.kind(at).opens() ? 1 : tokens.kind(at).closes() ? -1 : 0;
            at++;
        }
        return tokens.kind(at) == TokenKind.ASSIGN ? at - 1 : -1;
    }

    /** Whether names that are separated by commas, perhaps in brackets, and '=' stand at the token. */
    boolean isUnpacking(int first) {
        boolean isInBrackets = tokens.kind(first).opens();
        int begin = isInBrackets ? first + 1 : first;
        int at = begin;
        while (tokens.kind(at) == TokenKind.NAME && tokens.kind(at + 1) == TokenKind.COMMA) {
            at += 2;
        }
        if (at == begin || tokens.kind(at) != TokenKind.NAME) {
            return false;
        }
        int behind = isInBrackets && tokens.kind(at + 1).closes() ? at + 2 : at + 1;
        return tokens.kind(behind) == TokenKind.ASSIGN;
    }

    /** Returns the token of the last name in {@code a = b = …}. */
    int lastTarget(int first) {
        int last = first;
        while (tokens.kind(last + 2) == TokenKind.NAME && tokens.kind(last + 3) == TokenKind.ASSIGN) {
            last += 2;
        }
        return last;
    }

    /** Whether brackets that stand at the token, and hold items on one line, are all of the statement's rest. */
    boolean isTuple(int first) {
        if (tokens.kind(first) != TokenKind.LEFT_PAREN && tokens.kind(first) != TokenKind.LEFT_BRACKET || !isAlone(first)) {
            return false;
        }
        int depth = 0;
        boolean hasItems = false;
        for (int at = first; !tokens.kind(at).endsStatement(); at++) {
            depth += tokens.kind(at).opens() ? 1 : tokens.kind(at).closes() ? -1 : 0;
            if (depth == 0) {
                return hasItems;
            }
            hasItems |= depth == 1 && tokens.kind(at) == TokenKind.COMMA;
        }
        return false;
    }

    /** Whether the brackets at a token hold several items. */
    boolean hasItems(int open) {
        int depth = 0;
        for (int at = open; !tokens.kind(at).endsStatement(); at++) {
            depth += tokens.kind(at).opens() ? 1 : tokens.kind(at).closes() ? -1 : 0;
            if (depth == 0 || depth == 1 && tokens.kind(at) == TokenKind.COMMA) {
                return depth == 1;
            }
        }
        return false;
    }

    /** Whether {@code def} and a name stand at the token. */
    boolean isDefinition(int first) {
        return tokens.is(first, "def") && tokens.kind(first + 1) == TokenKind.NAME && tokens.kind(first + 2) == TokenKind.LEFT_PAREN;
    }

    /** Whether {@code name = lambda …} stands at the token. */
    boolean isLambda(int first) {
        return tokens.kind(first) == TokenKind.NAME && tokens.kind(first + 1) == TokenKind.ASSIGN && tokens.is(first + 2, "lambda")
                && (tokens.kind(first + 3) == TokenKind.NAME || tokens.kind(first + 3) == TokenKind.COLON);
    }

    /**
     * Returns the remark about a statement that computes nothing, which is empty if none is needed; null for a statement that computes
     * something.
     */
    @Nullable
    String ignored(int first) {
        if (isImport(first) || tokens.kind(first) == TokenKind.TEXT && tokens.kind(first + 1).endsStatement() || tokens.is(first, "pass")
                && tokens.kind(first + 1).endsStatement()) {
            return "";
        }
        if (isWordBefore(first + 1) && tokens.is(first, "assert")) {
            return "'assert' is ignored: a program checks nothing";
        } else if (annotated(first) < 0) {
            return "";
        }
        int path = tokens.kind(first + 1) == TokenKind.ASSIGN ? first + 2 : first;
        int last = path;
        while (tokens.kind(last) == TokenKind.NAME && tokens.kind(last + 1) == TokenKind.DOT) {
            last += 2;
        }
        if (tokens.kind(last) != TokenKind.NAME || tokens.kind(last + 1) != TokenKind.LEFT_PAREN) {
            return null;
        } else if (path == first && last == first) {
            return tokens.is(first, "print") && isAlone(last + 1) ? "'print' is ignored: the answer lists the value of every node" : null;
        } else if (path > first) {
            boolean isOptimizer = last > path && isAlone(last + 1) && OPTIMIZERS.contains(tokens.text(last - 2));
            return isOptimizer ? tokens.quoted(last) + IN_PLACE + "and /v1/train updates its inputs" : null;
        }
        String why = METHODS.get(tokens.text(last));
        return why == null || !isAlone(last + 1) ? null : tokens.quoted(last) + why;
    }

    /** Returns what to write instead of a statement that begins with a word that has no meaning here; null for other statements. */
    @Nullable
    String refused(int first) {
        return tokens.kind(first) != TokenKind.NAME ? null : switch (tokens.kind(first + 1)) {
            case NAME, NUMBER, LEFT_PAREN, COLON, NEWLINE -> REFUSED.get(tokens.text(first));
            default -> null;
        };
    }

    /** Whether nothing stands behind the bracket that closes this one. */
    private boolean isAlone(int open) {
        int depth = 0;
        int at = open;
        do {
            depth += tokens.kind(at).opens() ? 1 : tokens.kind(at).closes() ? -1 : 0;
            at++;
        } while (depth > 0 && tokens.kind(at) != TokenKind.END);
        return tokens.kind(at).endsStatement();
    }
}
