package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.NamedGraph;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Programs written as text, in the notation of NumPy: one statement a line, the last one is the output. Time and memory
 * grow with the text as it is when functions and loops are written out, which is limited; nothing recurses over it.
 *
 * <p>A statement that only names a node, {@code f = x}, makes none: {@code f} is an alias of {@code x}, which keeps its
 * id, as in JAX, where both are one value. So is {@code output} where the last statement is a bare name.
 *
 * <p>A function {@code f(a, b) = a * b} is written out at each call. As in Python its parameters hide other names, other
 * names in its body mean what they mean where it is called, the latest definition counts, and it hides an op of its
 * name. A loop {@code for i in 0:10} is written out pass by pass; its variable is a number, which it keeps after the loop.
 */
public final class ExpressionParser {
    private static final String OUTPUT = "output";

    private final Tokens tokens;
    private final Cursor cursor;
    private final Problems problems = new Problems();
    private final NodeWriter writer;
    private final Scope scope;
    private final FunctionReader functions;
    private final LoopReader loops;
    private final ExpressionReader expressions;
    private int lastNode = NodeWriter.BROKEN;
    private @Nullable String lastName;
    private @Nullable String lastFunction;

    /** How many nodes a program may have, literals not counted, and how deep brackets, signs and powers may be nested. */
    public record Limits(int nodes, int nesting) {}

    private ExpressionParser(String text, Set<String> inputs, Limits limits) {
        tokens = Lexer.scan(text);
        cursor = new Cursor(tokens, limits.nesting());
        writer = new NodeWriter(tokens, limits.nodes());
        Functions defined = new Functions(tokens);
        scope = new Scope(tokens, writer, problems, defined, inputs);
        functions = new FunctionReader(tokens, cursor, scope, writer, problems, defined);
        WholeNumberReader numbers = new WholeNumberReader(tokens, cursor, scope, writer, problems);
        loops = new LoopReader(tokens, cursor, scope, writer, problems, numbers);
        CallReader calls = new CallReader(tokens, cursor, scope, writer, problems, defined);
        ArrayReader arrays = new ArrayReader(tokens, cursor, scope, writer, problems);
        IndexReader indices = new IndexReader(tokens, cursor, numbers);
        expressions = new ExpressionReader(tokens, cursor, scope, writer, arrays, indices, calls, functions, limits.nesting());
    }

    /**
     * The program of a text. {@code inputs} are the names that the caller has values for: they cannot be bound, and hide
     * the constants {@code pi}, {@code e}, {@code inf} and {@code nan}.
     *
     * @throws io.chainrule.core.graph.ProblemException with all that is wrong, a hundred problems at most
     * @throws io.chainrule.core.graph.LimitException for limit "nodes" or "nesting"
     */
    public static NamedGraph parse(String text, Set<String> inputs, Limits limits) {
        return new ExpressionParser(text, inputs, limits).program();
    }

    private NamedGraph program() {
        while (!problems.isFull() && !isAtEnd()) {
            if (cursor.kind().endsStatement()) {
                cursor.advance();
            } else {
                loops.checkIndentation();
                line();
            }
        }
        problems.throwIfAny();
        if (lastNode == NodeWriter.BROKEN) {
            problems.add(Problem.of(ProblemCode.MISSING_OUTPUT, "the expression has no statement").position(new Problem.Position(1, 1))
                    .hint(lastFunction == null ? null : "a definition is none; call the function, " + lastFunction + "(…)"));
            problems.throwIfAny();
        }
        return named();
    }

    /** Whether the text ends here; where a pass of a loop does, the next one begins. */
    private boolean isAtEnd() {
        while (loops.endPass()) {
            if (problems.isFull()) {
                return true;
            }
        }
        return cursor.kind() == TokenKind.END;
    }

    private void line() {
        int first = cursor.at();
        if (Functions.isDefinition(tokens, first)) {
            functions.define(expressions);
            lastFunction = tokens.text(first);
        } else if (loops.isLoop(first)) {
            loops.begin();
        } else {
            statement();
        }
    }

    private void statement() {
        int first = cursor.at();
        boolean binds = cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN;
        int node = NodeWriter.BROKEN;
        try {
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
        if (!writer.isPaused()) {
            lastNode = node;
            lastName = binds ? tokens.text(first) : null;
        }
    }

    private void skipName(int first) {
        if (Names.isKeyword(tokens.text(first))) {
            throw tokens.syntaxError(first, tokens.quoted(first) + " is a word of the language; no statement can have this name");
        }
        cursor.advance();
        cursor.advance();
    }

    private NamedGraph named() {
        Graph graph = writer.graph();
        Scope.Ids ids = scope.ids(graph.size());
        String asked = lastName != null ? lastName : OUTPUT;
        boolean isAlias = ids.names()[lastNode] != null && !asked.equals(ids.names()[lastNode]);
        if (isAlias && lastName == null && !scope.isValue(OUTPUT)) {
            ids.aliases().put(OUTPUT, lastNode);
        }
        String outputName = isAlias && ids.aliases().containsKey(asked) ? asked : null;
        return new NamedGraph(graph, lastNode, outputName, ids.names(), ids.aliases(), writer.positions());
    }
}
