package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of a text. It does not depend on what names mean, so it is the same for all inputs and ops. It is not changed once it is
 * parsed, so that it can be cached and evaluated by many threads at once. Expressions are nodes in arrays, in the order of
 * {@link Syntax}, so that a million nodes need little memory and no code recurses over them.
 */
public final class SyntaxTree {
    private final Tokens tokens;
    private final List<Statement> statements = new ArrayList<>();
    private final Map<String, Integer> functions = new HashMap<>();
    private final Map<String, String> imports = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private boolean hasUpdates;
    private boolean mentionsTorch;
    private boolean isPython;
    private Syntax[] kinds;
    private int[] places;
    private int[] extents;
    private int size;

    SyntaxTree(Tokens tokens) {
        this.tokens = tokens;
        int likely = tokens.size() + 16;
        this.kinds = new Syntax[likely];
        this.places = new int[likely];
        this.extents = new int[likely];
        PythonStatements python = new PythonStatements(tokens);
        for (int token = 0; token < tokens.size(); token++) {
            TokenKind kind = tokens.kind(token);
            hasUpdates |= kind == TokenKind.UPDATE
                    || kind == TokenKind.ASSIGN && token > 0 && tokens.kind(token - 1) == TokenKind.RIGHT_BRACKET
                    || kind == TokenKind.DOT && tokens.is(token + 1, "at");
            if (kind == TokenKind.NAME) {
                TokenKind next = tokens.kind(token + 1);
                if (next == TokenKind.DOT || next == TokenKind.NAME) {
                    isPython |= python.isOfPython(token);
                    mentionsTorch |= python.isOfTorch(token);
                }
                addDefinition(token, python);
            }
        }
    }

    private void addDefinition(int token, PythonStatements python) {
        if (!mayBeginStatement(token)) {
            return;
        } else if (isDefinition(token) || python.isLambda(token)) {
            functions.putIfAbsent(tokens.text(token), token);
        } else if (python.isDefinition(token)) {
            functions.putIfAbsent(tokens.text(token + 1), token);
        }
    }

    /** The syntax errors, a hundred at most. They do not depend on what names mean; evaluation reports them together with its own. */
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** Throws {@link ProblemException} if there are syntax errors. */
    public void throwIfBroken() {
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
    }

    /** The approximate size in memory, in bytes. */
    public long bytes() {
        return tokens.bytes() + 12L * kinds.length + 64L * statements.size();
    }

    Tokens tokens() {
        return tokens;
    }

    List<Statement> statements() {
        return statements;
    }

    /**
     * Returns the token at which a function of this name is first defined, even if that is below the call. Returns null if there is no
     * definition.
     */
    @Nullable
    Integer definition(String name) {
        return functions.get(name);
    }

    /** Returns the path that an import gives a name to, such as {@code numpy.linalg}; null if none does. */
    @Nullable
    String imported(String name) {
        return imports.isEmpty() ? null : imports.get(name);
    }

    void addImports(Map<String, String> names) {
        imports.putAll(names);
    }

    /** The functions that the text defines, by name, each with the token of its first definition. */
    Map<String, Integer> definitions() {
        return functions;
    }

    /** Whether there is an assignment such as {@code +=}, or to elements, which changes an array in place. */
    boolean hasUpdates() {
        return hasUpdates;
    }

    /** Whether the text is a program of Python: it imports, defines a function in Python's way, or calls a function of NumPy or PyTorch. */
    boolean isPython() {
        return isPython;
    }

    /** Whether PyTorch is named, so that arrays are its tensors. */
    boolean mentionsTorch() {
        return mentionsTorch;
    }

    /**
     * The parameters of the definition that is the program where these inputs have values, in order, named as the inputs are; none if no
     * definition is the program.
     */
    public List<String> parameters(Set<String> given) {
        Map<String, String> replaced = Given.named(given).replaced();
        return program(given).map(Statement.Definition::names).orElse(List.of()).stream()
                .map(name -> given.contains(name) ? name : replaced.getOrDefault(name, name)).toList();
    }

    /** The definition that is the program where inputs of these names have values. */
    Optional<Statement.Definition> program(Set<String> given) {
        Set<String> read = new HashSet<>(given);
        read.addAll(Given.named(given).replaced().keySet());
        return program(read::contains);
    }

    /**
     * The definition that the text ends with, if it is the program. Behind other statements it is the program only if its parameters are
     * inputs that have values, or names that the statements bind, which is a mistake.
     */
    Optional<Statement.Definition> program(Predicate<String> isValue) {
        Statement.Definition last = null;
        boolean isFirst = true;
        Set<String> bound = new HashSet<>();
        for (int i = 0; i < statements.size() && !functions.isEmpty(); i++) {
            Statement statement = statements.get(i);
            if (statement instanceof Statement.Definition definition) {
                last = definition.end() == statements.size() - 1 ? definition : null;
                i = definition.end();
            } else if (statement instanceof Statement.Evaluation evaluation) {
                isFirst = false;
                bound.add(String.valueOf(evaluation.name()));
            }
        }
        boolean isProgram = isFirst || last != null && last.names().stream().allMatch(name -> isValue.test(name) || bound.contains(name));
        return Optional.ofNullable(isProgram ? last : null);
    }

    /** The names of unknown functions that are called without a path. Only a model can define them. */
    public Set<String> unknownCalls() {
        Set<String> names = new LinkedHashSet<>();
        for (int node = 0; node < size; node++) {
            if (kinds[node] == Syntax.CALLEE && extents[node] == places[node]) {
                String name = tokens.text(places[node]);
                boolean isFunction = OpCatalogue.find(name) != null || name.equals(ShapeMembers.LEN)
                        || !Library.bare().forms(Characters.lowered(name)).isEmpty();
                if (!functions.containsKey(name) && !imports.containsKey(name) && !isFunction) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private boolean mayBeginStatement(int token) {
        return token == 0 || tokens.kind(token - 1).endsStatement() || tokens.kind(token - 1) == TokenKind.COLON;
    }

    /** Whether the statement that begins at this token is a definition like {@code f(a, b) = …}. */
    boolean isDefinition(int first) {
        if (tokens.kind(first) != TokenKind.NAME || tokens.kind(first + 1) != TokenKind.LEFT_PAREN) {
            return false;
        }
        int at = first + 2;
        while (tokens.kind(at) == TokenKind.NAME || tokens.kind(at) == TokenKind.COMMA) {
            at++;
        }
        return tokens.kind(at) == TokenKind.RIGHT_PAREN && tokens.kind(at + 1) == TokenKind.ASSIGN;
    }

    int size() {
        return size;
    }

    Syntax kind(int node) {
        return kinds[node];
    }

    /** The token at which the node stands. */
    int token(int node) {
        return places[node];
    }

    int extent(int node) {
        return extents[node];
    }

    int add(Syntax kind, int token, int extent) {
        if (size == kinds.length) {
            int longer = size + (size >> 1);
            kinds = Arrays.copyOf(kinds, longer);
            places = Arrays.copyOf(places, longer);
            extents = Arrays.copyOf(extents, longer);
        }
        kinds[size] = kind;
        places[size] = token;
        extents[size] = extent;
        return size++;
    }

    int add(Syntax kind, int token) {
        return add(kind, token, 0);
    }

    /** The node behind all that an EACH counts over, and its conditions; 0 if a syntax error comes first. */
    int behindCounts(int each) {
        int node = extents[each];
        while (node > 0 && node < size && (kinds[node] == Syntax.FOR || kinds[node] == Syntax.FILTER)) {
            node = extents[node];
        }
        return node;
    }

    void setExtent(int node, int extent) {
        extents[node] = extent;
    }

    void setKind(int node, Syntax kind) {
        kinds[node] = kind;
    }

    void add(Problem problem) {
        problems.add(problem);
    }
}
