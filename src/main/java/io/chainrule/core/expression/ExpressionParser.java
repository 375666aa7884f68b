package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.Program;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Programs written as text, in the notation of NumPy: one statement a line, the last one is the output. Time and memory
 * grow with the text only; nothing recurses over it.
 *
 * <p>A statement that only names a node, {@code f = x}, makes none: {@code f} is an alias of {@code x}, which keeps its
 * id, as in JAX, where both are one value. So is {@code output} where the last statement is a bare name.
 */
public final class ExpressionParser {
    private static final String OUTPUT = "output";

    private final Tokens tokens;
    private final Cursor cursor;
    private final Problems problems = new Problems();
    private final NodeWriter writer;
    private final Scope scope;
    private final CallReader calls;
    private final ExpressionReader expressions;
    private int lastNode = NodeWriter.BROKEN;
    private @Nullable String lastName;

    /** How many nodes a program may have, literals not counted, and how deep brackets, signs and powers may be nested. */
    public record Limits(int nodes, int nesting) {}

    private ExpressionParser(String text, Set<String> inputs, Limits limits) {
        tokens = Lexer.scan(text);
        cursor = new Cursor(tokens, limits.nesting());
        writer = new NodeWriter(limits.nodes());
        scope = new Scope(tokens, writer, problems, inputs);
        calls = new CallReader(tokens, cursor, scope, writer, problems);
        ArrayReader arrays = new ArrayReader(tokens, cursor, scope, writer, problems);
        expressions = new ExpressionReader(tokens, cursor, scope, writer, arrays, calls, limits.nesting());
    }

    /**
     * The program of a text. {@code inputs} are the names that the caller has values for: they cannot be bound, and hide
     * the constants {@code pi}, {@code e}, {@code inf} and {@code nan}.
     *
     * @throws io.chainrule.core.graph.ProblemException with all that is wrong, a hundred problems at most
     * @throws io.chainrule.core.graph.LimitException for limit "nodes" or "nesting"
     */
    public static Program parse(String text, Set<String> inputs, Limits limits) {
        return new ExpressionParser(text, inputs, limits).program();
    }

    private Program program() {
        while (cursor.kind() != TokenKind.END && !problems.isFull()) {
            if (cursor.kind().endsStatement()) {
                cursor.advance();
            } else {
                statement();
            }
        }
        problems.throwIfAny();
        if (lastNode == NodeWriter.BROKEN) {
            problems.add(Problem.of(ProblemCode.MISSING_OUTPUT, "the expression has no statement").position(new Problem.Position(1, 1)));
            problems.throwIfAny();
        }
        return named();
    }

    private void statement() {
        int first = cursor.at();
        boolean binds = cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN;
        int node = NodeWriter.BROKEN;
        try {
            refuseUnsupported(first);
            if (binds) {
                skipName(first);
            }
            node = writer.statement(expressions.read(), first);
        } catch (SyntaxException e) {
            problems.add(e.problem());
            cursor.recover(e.resumeAt());
        }
        if (binds && !Names.isKeyword(tokens.text(first))) {
            scope.bind(first, node);
        }
        lastNode = node;
        lastName = binds ? tokens.text(first) : null;
    }

    private void skipName(int first) {
        if (Names.isKeyword(tokens.text(first))) {
            throw tokens.syntaxError(first, tokens.quoted(first) + " is a word of the language; no statement can have this name");
        }
        cursor.advance();
        cursor.advance();
    }

    private void refuseUnsupported(int first) {
        if (isDefinition(first)) {
            calls.refuse(tokens.text(first));
            throw tokens.syntaxError(first, "function definitions are not supported yet");
        } else if (cursor.kind() == TokenKind.NAME && tokens.text(first).equals("for") && cursor.following() == TokenKind.NAME) {
            Problem problem = tokens.problem(ProblemCode.SYNTAX_ERROR, first, "loops are not supported yet");
            throw new SyntaxException(problem, OptionalInt.of(endOfBlock(first)));
        }
    }

    /** Whether a statement begins like {@code f(a, b) =}. */
    private boolean isDefinition(int first) {
        if (tokens.kind(first) != TokenKind.NAME || tokens.kind(first + 1) != TokenKind.LEFT_PAREN) {
            return false;
        }
        int at = first + 2;
        while (tokens.kind(at) == TokenKind.NAME || tokens.kind(at) == TokenKind.COMMA) {
            at++;
        }
        return tokens.kind(at) == TokenKind.RIGHT_PAREN && tokens.kind(at + 1) == TokenKind.ASSIGN;
    }

    /** Behind the line of this token and the lines after it that are indented deeper. */
    private int endOfBlock(int first) {
        int column = column(first);
        int at = first;
        do {
            while (tokens.kind(at) != TokenKind.NEWLINE && tokens.kind(at) != TokenKind.END) {
                at++;
            }
            at += tokens.kind(at) == TokenKind.NEWLINE ? 1 : 0;
        } while (tokens.kind(at) != TokenKind.END && column(at) > column);
        return at;
    }

    private int column(int token) {
        return tokens.position(token).column();
    }

    private Program named() {
        Graph graph = writer.graph();
        Scope.Ids ids = scope.ids(graph.size());
        String asked = lastName != null ? lastName : OUTPUT;
        boolean isAlias = ids.names()[lastNode] != null && !asked.equals(ids.names()[lastNode]);
        if (isAlias && lastName == null && !scope.isValue(OUTPUT)) {
            ids.aliases().put(OUTPUT, lastNode);
        }
        String outputName = isAlias && ids.aliases().containsKey(asked) ? asked : null;
        SourceLines lines = tokens.lines();
        int[] offsets = writer.offsets(tokens);
        return new Program(graph, lastNode, outputName, ids.names(), ids.aliases(), node -> lines.position(offsets[node]));
    }
}
