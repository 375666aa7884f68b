package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpCatalogue;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The inputs of a program: the names that it reads and binds nothing to, and those that the caller has values for. */
final class Inputs {
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Problems problems;
    private final Functions functions;
    private final Given given;
    private final Set<String> givenNames;
    private final Map<String, String> replaced;
    /** The nodes of the inputs that have been read. */
    private final Map<String, Integer> nodes = new LinkedHashMap<>();
    private final Set<String> changed = new HashSet<>();
    private final Set<String> variables = new HashSet<>();

    Inputs(Tokens tokens, NodeWriter writer, Problems problems, Functions functions, Given given) {
        this.tokens = tokens;
        this.writer = writer;
        this.problems = problems;
        this.functions = functions;
        this.given = given;
        this.givenNames = given.names();
        this.replaced = given.replaced();
    }

    /** Whether an input of this name has been read, or has a value. */
    boolean has(String name) {
        return nodes.containsKey(name) || givenNames.contains(name) || replaced.containsKey(name);
    }

    Map<String, Integer> nodes() {
        return nodes;
    }

    /** Returns the node of the input that a name is where nothing is bound to the name; BROKEN if it is none. */
    int read(String read, int token, Scope scope) {
        String name = replaced.getOrDefault(read, read);
        if (writer.isPaused()) {
            return NodeWriter.BROKEN;
        } else if (functions.isDefined(name) && !nodes.containsKey(name) && !givenNames.contains(name)) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token, "'" + name + "' is a function, not a value")
                    .hint("call it, " + name + "(…)"));
            return NodeWriter.BROKEN;
        }
        String meant = nodes.containsKey(name) || !given.areAllNamed() || givenNames.contains(name) ? null : meant(name, token, scope);
        if (meant != null) {
            problems.add(writer.problem(ProblemCode.MISSING_INPUT, token, "input '" + name + "' has no value").node(name).hint(meant));
            return NodeWriter.BROKEN;
        }
        return nodes.computeIfAbsent(name, id -> writer.leaf(new Leaf.Input(id, null), token));
    }

    /** Tells what may be meant by a name without a value that is an op, or is made of names that have one; null if it is neither. */
    private @Nullable String meant(String name, int token, Scope scope) {
        if (OpCatalogue.find(name) != null) {
            boolean isSigned = tokens.kind(token + 1) == TokenKind.MINUS && tokens.end(token) < tokens.start(token + 1)
                    && tokens.end(token + 1) == tokens.start(token + 2);
            return "'" + name + "' is an op; write " + name + "(" + (isSigned ? new Operands(tokens).from(token + 1) : "…") + ")";
        } else if (tokens.kind(token + 1) == TokenKind.LESS && tokens.kind(token + 2) == TokenKind.MINUS
                && tokens.end(token + 1) == tokens.start(token + 2)) {
            return "'<-' compares with a negative number; to bind the name, write " + name + " = "
                    + ForeignSigns.of(tokens).rest(token + 3);
        } else if (isDifferential(token)) {
            return "a quotient such as df/dx is no derivative; /v1/gradient answers those of the expression by the inputs in wrt";
        }
        int last = name.length() <= BracketCorrections.LONGEST_NAME ? name.length() : 0;
        for (int i = 1; i < last; i++) {
            String left = name.substring(0, i);
            String right = name.substring(i);
            boolean isFactor = scope.isValue(left) || left.equals("π");
            if (scope.isValue(right) && (isFactor || OpCatalogue.find(left) != null)) {
                return "'" + name + "' is one name; write " + (isFactor ? left + " * " + right : left + "(" + right + ")");
            }
        }
        return null;
    }

    /** Whether the name is a part of a quotient such as {@code df/dx}. */
    private boolean isDifferential(int token) {
        int slash = token > 1 && tokens.kind(token - 1) == TokenKind.SLASH ? token - 1 : token + 1;
        return tokens.kind(token) == TokenKind.NAME && tokens.text(token).startsWith("d") && tokens.kind(slash) == TokenKind.SLASH
                && slash > 0 && tokens.kind(slash - 1) == TokenKind.NAME && tokens.text(slash - 1).startsWith("d")
                && tokens.kind(slash + 1) == TokenKind.NAME && tokens.text(slash + 1).startsWith("d");
    }

    /** Lets statements bind the name from now on, because elements of the array are assigned. The input itself stays what it is. */
    void change(String name) {
        changed.add(name);
    }

    /** The error for an assignment that changes an array in place, which the caller of a function, or of the program, may have. */
    SyntaxException refusedChange(String name, int token, int sign) {
        String how = sign > token + 1
                ? ".copy(), and assign to its elements"
                : " " + tokens.text(sign).replace("=", "") + " …, which makes a new value";
        String written = tokens.text(tokens.kind(sign) == TokenKind.RIGHT_PAREN ? new Operands(tokens).first(sign) : token, sign);
        return tokens.syntaxError(token, "in NumPy " + written + " changes an array in place, and other names may mean the same array here")
                .hint("write " + (has(name) ? "a new name = " : name + " = ") + name + how);
    }

    /** Lets statements assign this parameter, if it is a variable, until it is read; the argument is then ignored. */
    void addParameter(String name, boolean isVariable) {
        if (isVariable) {
            variables.add(name);
        }
    }

    /**
     * Whether a statement may assign the name; reports it if not. The name of an input may be assigned only if it is changed in place or is
     * a parameter not yet read.
     */
    boolean checkNone(String name, int token) {
        Integer input = nodes.get(name);
        if (has(name) && !changed.contains(name) && (input != null || !variables.contains(name))) {
            String reason = input == null ? "one of the inputs" : "an input, read at " + tokens.place(writer.token(input));
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, "'" + name + "' is " + reason + "; it cannot be bound again")
                    .hint("give the result another name"));
            return false;
        }
        return true;
    }
}
