package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a syntax tree to a graph, statement by statement. Loops are unrolled and calls of functions inlined. Time is linear in the
 * size of the program that results, and nothing recurses, so that no program can overflow the call stack.
 */
public final class Evaluator {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Problems problems = new Problems();
    private final NodeWriter writer;
    private final Scope scope;
    private final Constants constants;
    private final Functions functions;
    private final ExpressionEvaluator expressions;
    private final Frames frames;
    private final Loops loops;
    private final Branches branches;
    private final UnpackedValues unpacked;
    private final Output output;
    /** Null where nobody asks for claims. */
    private final @Nullable ClaimedLines claimed;
    private @Nullable String programName;

    private Evaluator(SyntaxTree tree, Given inputs, Allowance allowance, @Nullable Map<String, String> claims, long elements) {
        this.tree = tree;
        this.tokens = tree.tokens();
        writer = new NodeWriter(tokens, inputs, allowance);
        functions = new Functions(tree, writer, problems);
        scope = new Scope(tree, writer, problems, functions, inputs);
        constants = new Constants(tree, new NamesInText(scope, writer, tokens, problems), problems);
        expressions = new ExpressionEvaluator(tree, scope, writer, constants, functions,
                new ModelCalls(inputs.models(), functions, scope, writer, problems), problems);
        frames = new Frames(writer, scope);
        loops = new Loops(tokens, writer, scope, expressions.ops(), constants, frames, problems);
        unpacked = new UnpackedValues(constants, writer, expressions);
        branches = new Branches(tree, constants, frames, loops, problems);
        output = new Output(writer, scope, problems);
        claimed = claims == null ? null : new ClaimedLines(claims, inputs, tokens, writer, scope, expressions.ops(), problems, elements);
    }

    /**
     * Evaluates a syntax tree to a program. Statements cannot bind names of inputs that are given, which hide all other meanings.
     *
     * @throws io.chainrule.core.graph.ProblemException with all errors of syntax and meaning, a hundred problems at most
     */
    public static Evaluated evaluate(SyntaxTree tree, Given inputs, Allowance allowance) {
        return new Evaluator(tree, inputs, allowance, null, Long.MAX_VALUE).program();
    }

    /**
     * The same for a program whose lines claim to be derivatives, as {@link ClaimedLines} reads them with these {@code claims}. Each
     * statement gets a node of its own, even if it only gives a node another name, as {@code y = x}. {@code elements} limits what is tried.
     */
    public static Evaluated evaluateClaims(SyntaxTree tree, Given inputs, Allowance most, Map<String, String> claims, long elements) {
        return new Evaluator(tree, inputs, most, claims, elements).program();
    }

    private Evaluated program() {
        Statement.Definition program = tree.program(scope::isValue).orElse(null);
        writer.steps().begin(tokens.size());
        for (int at = 0; at < tree.statements().size() && !problems.isFull();) {
            at = step(tree.statements().get(at), at, program);
        }
        problems.throwIfAny();
        return output.evaluated(tree, claimed == null ? Misfits.NONE : claimed.ended());
    }

    private int step(Statement statement, int at, Statement.@Nullable Definition program) {
        return switch (statement) {
            case Statement.Evaluation evaluation -> evaluate(evaluation, at);
            case Statement.Unpacking unpacking -> unpack(unpacking, at);
            case Statement.Definition definition when definition.equals(program) -> inline(definition, at);
            case Statement.Definition definition -> define(definition, at);
            case Statement.Return result -> giveBack(result, at);
            case Statement.EndOfDefinition _ -> endDefinition(at);
            case Statement.Loop loop -> loops.begin(loop, at);
            case Statement.Branch branch -> branches.begin(branch, at);
            case Statement.EndOfBranch _ -> branches.behind(at);
            case Statement.Jump jump -> branches.jump(jump, at);
            case Statement.EndOfLoop _ -> loops.endPass((Frame.Loop) frames.pop(), at);
            case Statement.Ignored(int token, String message) -> {
                output.setIfBackward(tokens, token);
                if (message != null) {
                    writer.remark(token, message);
                }
                yield at + 1;
            }
            case Statement.Misplaced(Problem problem) -> {
                problems.add(problem);
                yield at + 1;
            }
        };
    }

    /** Evaluates the body of a definition as statements of the program; its parameters are inputs. */
    private int inline(Statement.Definition definition, int at) {
        Problem problem = definition.problem();
        if (problem != null) {
            problems.add(problem);
            return definition.end() + 1;
        }
        definition.names().forEach(name -> scope.addParameter(name, definition.token(), claimed == null));
        programName = definition.name();
        return at + 1;
    }

    private int evaluate(Statement.Evaluation evaluation, int at) {
        ClaimedLines lines = frames.isInCall() || frames.isChecking() ? null : claimed;
        if (lines != null && !frames.hasReturned()) {
            lines.begin(evaluation);
        }
        OptionalInt value = value(evaluation.expression(), at, evaluation.token(), evaluation.update());
        if (value.isEmpty()) {
            return frames.entered();
        }
        value = lines == null ? value : lines.end(evaluation, value.getAsInt());
        if (value.isEmpty()) {
            return at;
        }
        boolean isBroken = value.getAsInt() == NodeWriter.BROKEN && evaluation.isChange(tokens);
        finish(isBroken ? null : evaluation.name(), evaluation.token(), value.getAsInt(), evaluation.update() == 0 && expressions.isCopy());
        return at + 1;
    }

    private void finish(@Nullable String written, int token, int value, boolean isCopy) {
        boolean isLocal = scope.isInFunction();
        String name = written != null || claimed == null || isLocal || writer.isPaused() ? written : claimed.unnamed(value);
        int node = isLocal
                ? value
                : writer.statement(claimed != null && name != null ? expressions.ops().apart(value, token, isCopy) : value, token);
        if (name != null) {
            scope.bind(name, token, node, isCopy);
        }
        boolean isGradient = expressions.isGradient();
        int[] by = expressions.takeGradient();
        if (by != null && (isLocal || !isGradient) || output.hasGradient() && !isLocal) {
            String message = "a gradient can be asked for only by the last statement, as a whole";
            String hint = "end the program with jax.grad(f)(x) or torch.autograd.grad(y, x) alone; further derivatives are in /v1/hessian";
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token, message).hint(hint));
        }
        if (!isLocal && !writer.isPaused() && (claimed == null || node != NodeWriter.BROKEN)) {
            output.set(node, name, token, by);
        }
    }

    /**
     * Evaluates an expression, or continues it where a function has returned. Returns BROKEN if there is a mistake in it, which is then
     * reported, and nothing if it calls a function, whose first statement comes next.
     */
    private OptionalInt value(Statement.Expression expression, int at, int token, int update) {
        Frames.Returned result = frames.takeReturned();
        try {
            if (result != null) {
                expressions.resume(result.position(), result.value());
            } else if (frames.isInCall()) {
                expressions.beginInner(expression);
            } else {
                expressions.begin(expression);
            }
            ExpressionEvaluator.Entry entry = expressions.run();
            while (entry != null) {
                InlineFrame outer = writer.frame();
                if (functions.enter(entry.call(), entry.function(), entry.arguments(), scope)) {
                    frames.push(new Frame.Invocation(entry.function(), at, expressions.position(), outer));
                    return OptionalInt.empty();
                }
                expressions.resume(expressions.position(), NodeWriter.BROKEN);
                entry = expressions.run();
            }
            if (expression.problem() != null) {
                throw new SyntaxException(expression.problem());
            }
            checkSingle(expression);
            int value = expressions.value();
            return OptionalInt.of(update == 0 ? value : expressions.update(update, scope.updated(token, update), value));
        } catch (SyntaxException e) {
            problems.add(e.problem());
            expressions.clear();
            return frames.abandon();
        }
    }

    /** Refuses a tuple of values, which Python would return. A tuple of numbers is an array. */
    private void checkSingle(Statement.Expression expression) {
        int last = expression.end() - 1;
        boolean isTuple = last >= expression.first() && tree.kind(last) == Syntax.ITEMS
                && tokens.kind(tree.token(last)) == TokenKind.LEFT_PAREN && tree.kind(expression.first()) == Syntax.LIST
                && tree.extent(expression.first()) == last
                && (tree.extent(last) == 0 || !constants.isKnown(expression.first(), expression.end()));
        if (isTuple) {
            throw tokens.syntaxError(tree.token(last), "a statement has one value, and a tuple has several")
                    .hint("[a, b] is an array of them");
        }
    }

    /** Evaluates {@code a, b = …}: all values first, then the names are bound. */
    private int unpack(Statement.Unpacking unpacking, int at) {
        boolean isContinued = frames.hasReturned();
        if (!isContinued) {
            frames.push(new Frame.Unpacked(new ArrayList<>()));
        }
        List<Integer> values = ((Frame.Unpacked) Objects.requireNonNull(frames.peek())).values();
        int names = unpacking.names().size();
        List<Statement.Expression> expressions = unpacking.expressions();
        if (expressions.size() == 1 && !isContinued && unpacked.isKnown(expressions.getFirst())) {
            try {
                unpacked.addKnown(expressions.getFirst(), unpacking.token(), values);
            } catch (SyntaxException e) {
                problems.add(e.problem());
                values.addAll(Collections.nCopies(names, NodeWriter.BROKEN));
            }
        } else {
            for (int i = values.size(); i < expressions.size(); i++) {
                if (expressions.size() == 1 && !isContinued) {
                    this.expressions.want(names, expressions.getFirst());
                }
                OptionalInt value = value(expressions.get(i), at, unpacking.token(), 0);
                if (value.isEmpty()) {
                    return frames.entered();
                }
                values.add(value.getAsInt());
            }
        }
        frames.pop();
        if (expressions.size() == 1 && values.size() == 1) {
            values = unpacked.parts(values.getFirst(), names, unpacking.token());
        }
        if (values.size() != names) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, unpacking.token(), names + " names are bound to "
                    + (values.size() == 1 ? "one value" : values.size() + " values"))
                    .hint("a call has one value here; several names take as many values, separated by commas, or a shape"));
            values = Collections.nCopies(names, NodeWriter.BROKEN);
        }
        for (int i = 0; i < names; i++) {
            int token = unpacking.names().get(i);
            finish(tokens.text(token), token, values.get(i), false);
        }
        return at + 1;
    }

    private int define(Statement.Definition definition, int at) {
        Problem problem = definition.problem();
        if (problem != null) {
            problems.add(problem);
            functions.beginDefinition(definition);
            functions.endDefinition(definition, at + 1, true);
            return definition.end() + 1;
        }
        frames.push(new Frame.Checking(definition, at + 1, writer.pause(true), problems.total()));
        functions.beginDefinition(definition);
        scope.enterUnknown(definition.names());
        return at + 1;
    }

    private int giveBack(Statement.Return result, int at) {
        OptionalInt value = value(result.expression(), at, result.token(), 0);
        if (value.isEmpty()) {
            return frames.entered();
        } else if (frames.isChecking()) {
            return at + 1;
        }
        frames.endLoops();
        if (frames.peek() instanceof Frame.Invocation call) {
            return frames.leave(call, value.getAsInt());
        }
        finish(programName, result.token(), value.getAsInt(), false);
        return tree.statements().size();
    }

    private int endDefinition(int at) {
        return switch (frames.peek()) {
            case Frame.Checking(Statement.Definition definition, int body, boolean wasPaused, int before) -> {
                frames.pop();
                scope.leave();
                functions.endDefinition(definition, body, problems.total() > before);
                writer.pause(wasPaused);
                yield at + 1;
            }
            case Frame.Invocation call -> {
                problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, call.function().definition.token(),
                        "function " + call.function().definition.name() + " returns nothing").hint("end its body with return …"));
                yield frames.leave(call, NodeWriter.BROKEN);
            }
            case null, default -> at + 1;
        };
    }
}
