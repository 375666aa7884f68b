package io.chainrule.core.expression;

import io.chainrule.core.graph.LimitException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Reads one expression by operator precedence, with a stack of what was begun in place of recursion, and writes its
 * nodes as they are complete.
 */
final class ExpressionReader {
    private final Tokens tokens;
    private final Cursor cursor;
    private final Scope scope;
    private final NodeWriter writer;
    private final int maxNesting;
    private final ArrayReader arrays;
    private final IndexReader indices;
    private final CallReader calls;
    private final FunctionReader functions;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final IntStack operands = new IntStack();
    private int signs;
    private int powers;

    /** What comes next. */
    private enum Next {
        OPERAND,
        OPERATOR,
        END
    }

    ExpressionReader(Tokens tokens, Cursor cursor, Scope scope, NodeWriter writer, ArrayReader arrays, IndexReader indices,
            CallReader calls,
            FunctionReader functions, int maxNesting) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.scope = scope;
        this.writer = writer;
        this.maxNesting = maxNesting;
        this.arrays = arrays;
        this.indices = indices;
        this.calls = calls;
        this.functions = functions;
    }

    /** The node of the expression at the cursor, which is then at the separator behind it. */
    int read() {
        frames.clear();
        operands.clear();
        signs = 0;
        powers = 0;
        Next next = Next.OPERAND;
        try {
            while (next != Next.END) {
                next = next == Next.OPERAND ? operand() : operator();
            }
        } catch (SyntaxException e) {
            for (Frame frame : frames) {
                if (frame instanceof Frame.Body body) {
                    functions.abandon(body);
                }
            }
            throw e;
        }
        return operands.pop();
    }

    private Next operand() {
        int token = cursor.at();
        return switch (cursor.kind()) {
            case NUMBER -> literal(tokens.number(token), token);
            case NAME -> name(token);
            case MINUS -> minus(token);
            case PLUS -> {
                cursor.advance();
                yield Next.OPERAND;
            }
            case LEFT_PAREN -> {
                cursor.open();
                frames.push(new Frame.Group(token));
                yield Next.OPERAND;
            }
            case LEFT_BRACKET -> list(token);
            default -> throw ExpressionErrors.missingValue(tokens, cursor);
        };
    }

    private Next literal(double value, int token) {
        return value(writer.literal(value, token));
    }

    /** The current token is the last one of a whole operand. */
    private Next value(int node) {
        operands.push(node);
        cursor.advance();
        return Next.OPERATOR;
    }

    private Next name(int token) {
        int last = token;
        while (tokens.kind(last + 1) == TokenKind.DOT && tokens.kind(last + 2) == TokenKind.NAME) {
            last += 2;
        }
        if (tokens.kind(cursor.after(last)) == TokenKind.LEFT_PAREN) {
            cursor.moveTo(last);
            cursor.advance();
            cursor.open();
            return call(token, tokens.text(token, last));
        }
        OptionalDouble number = scope.number(token);
        if (number.isEmpty() && Names.isKeyword(tokens.text(token))) {
            throw tokens.syntaxError(token, tokens.quoted(token) + " is a word of the language; no input can have this name");
        }
        return number.isPresent() ? literal(number.getAsDouble(), token) : value(scope.read(token));
    }

    private Next call(int token, String name) {
        Frame.Application application = functions.begin(token, name, operands.size());
        if (application != null) {
            frames.push(application);
            return argument(application);
        }
        Frame.Call call = calls.begin(token, name, operands.size());
        frames.push(call);
        return argument(call);
    }

    /** A minus directly before a number is part of it, unless something binds the number tighter. */
    private Next minus(int token) {
        cursor.advance();
        OptionalDouble number = scope.number(cursor.at());
        boolean isLiteral = number.isPresent() && switch (cursor.following()) {
            case POWER, DOT, LEFT_BRACKET, LEFT_PAREN -> false;
            default -> true;
        };
        if (isLiteral) {
            return literal(-number.getAsDouble(), token);
        }
        signs = deeper(signs);
        frames.push(new Frame.Negation(token));
        return Next.OPERAND;
    }

    private Next list(int token) {
        OptionalInt array = arrays.read();
        if (array.isPresent()) {
            operands.push(array.getAsInt());
            return Next.OPERATOR;
        }
        cursor.open();
        frames.push(new Frame.Items(token, operands.size()));
        return Next.OPERAND;
    }

    private Next operator() {
        int token = cursor.at();
        Operator operator = Operator.of(cursor.kind());
        if (operator != null) {
            return infix(operator, token);
        }
        return switch (cursor.kind()) {
            case DOT -> transpose(token);
            case LEFT_BRACKET -> {
                int indexed = operands.pop();
                operands.push(indices.read().map(at -> calls.apply("index", Map.of("at", at), token, indexed)).orElse(NodeWriter.BROKEN));
                yield Next.OPERATOR;
            }
            case COMMA -> comma(token);
            case RIGHT_PAREN, RIGHT_BRACKET -> close();
            case NEWLINE, SEMICOLON, END -> {
                if (cursor.nesting() > 0) {
                    throw cursor.unexpected("");
                }
                yield endOfExpression();
            }
            default -> throw ExpressionErrors.missingOperator(tokens, cursor);
        };
    }

    private Next endOfExpression() {
        finishOperations();
        if (frames.poll() instanceof Frame.Body body) {
            functions.leave(body);
            return Next.OPERATOR;
        }
        return Next.END;
    }

    private Next infix(Operator operator, int token) {
        Precedence precedence = operator.precedence();
        finishOperations(precedence, precedence.associatesLeft());
        if (precedence == Precedence.COMPARISON && frames.peek() instanceof Frame.Infix) {
            throw tokens.syntaxError(token, "comparisons cannot be chained").hint("write logical_and(a < b, b < c)");
        }
        powers = precedence == Precedence.POWER ? deeper(powers) : powers;
        frames.push(new Frame.Infix(token, operator));
        cursor.advance();
        return Next.OPERAND;
    }

    private Next transpose(int token) {
        cursor.advance();
        if (cursor.kind() != TokenKind.NAME || !tokens.text(cursor.at()).equals("T")) {
            throw ExpressionErrors.unknownMember(tokens, cursor);
        }
        return value(calls.apply("transpose", Map.of(), token, operands.pop()));
    }

    private Next comma(int token) {
        finishOperations();
        return switch (frames.peek()) {
            case Frame.Call call -> {
                cursor.advance();
                yield argument(call);
            }
            case Frame.Application application -> {
                cursor.advance();
                yield argument(application);
            }
            case Frame.Items _ -> {
                cursor.advance();
                yield cursor.kind() == TokenKind.RIGHT_BRACKET ? close() : Next.OPERAND;
            }
            case null, default -> throw tokens.syntaxError(token, "',' stands outside of a call and of a list")
                    .hint("a list is written in square brackets, [a, b]");
        };
    }

    /** At the start of an argument: takes attributes, and the end of the call behind them. */
    private Next argument(Frame.Call call) {
        while (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN) {
            calls.attribute(call);
            if (!cursor.accept(TokenKind.COMMA)) {
                return close();
            }
        }
        if (cursor.kind() == TokenKind.RIGHT_PAREN) {
            return close();
        }
        if (!call.attributes().isEmpty()) {
            throw cursor.unexpected("an operand stands behind an attribute", null, "operands come first, attributes after them");
        }
        return Next.OPERAND;
    }

    private Next argument(Frame.Application call) {
        if (cursor.kind() == TokenKind.RIGHT_PAREN) {
            return close();
        } else if (cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.ASSIGN) {
            functions.keyword(call, operands.size() - call.base());
        } else if (!call.keywords().isEmpty()) {
            throw cursor.unexpected("an argument without a name stands behind one with a name");
        }
        return Next.OPERAND;
    }

    private Next close() {
        finishOperations();
        cursor.close();
        switch (frames.pop()) {
            case Frame.Call call -> operands.push(calls.finish(call, operands.popFrom(call.base())));
            case Frame.Application application -> {
                Frame.Body body = functions.enter(application, operands.popFrom(application.base()));
                if (body != null) {
                    frames.push(body);
                    return Next.OPERAND;
                }
                operands.push(NodeWriter.BROKEN);
            }
            case Frame.Items items -> operands.push(calls.apply("stack", Map.of(), items.token(), operands.popFrom(items.base())));
            case Frame.Group _ -> {
                // The value of what stands in parentheses is on the stack already.
            }
            case Frame.Body body -> throw new IllegalStateException("left open: " + body);
            case Frame.Operation operation -> throw new IllegalStateException("left open: " + operation);
        }
        return Next.OPERATOR;
    }

    private void finishOperations() {
        finishOperations(Precedence.COMPARISON, true);
    }

    /** Finishes what holds its last operand tighter than an operator of this precedence does, or as tightly. */
    private void finishOperations(Precedence precedence, boolean orAsTightly) {
        while (frames.peek() instanceof Frame.Operation top
                && (top.precedence().isTighterThan(precedence) || orAsTightly && top.precedence() == precedence)) {
            frames.pop();
            int last = operands.pop();
            operands.push(switch (top) {
                case Frame.Negation(int token) -> {
                    signs--;
                    yield calls.apply("neg", Map.of(), token, last);
                }
                case Frame.Infix(int token, Operator operator) -> {
                    powers -= operator == Operator.POWER ? 1 : 0;
                    yield calls.apply(operator.op(), Map.of(), token, operands.pop(), last);
                }
            });
        }
    }

    private int deeper(int nesting) {
        if (nesting >= maxNesting) {
            throw new LimitException("nesting", nesting + 1L, maxNesting);
        }
        return nesting + 1;
    }
}
