package io.chainrule.core.expression;

import io.chainrule.core.expression.Misfit.Change;
import io.chainrule.core.expression.Misfit.Repair;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates lines that claim to be derivatives so that one whose operands do not fit spoils no other: its problem is kept aside, and later
 * lines read a constant of the right shape in its place. A line is evaluated again and again: with constants in place of earlier lines of
 * a wrong shape, and with other forms of the operation that does not fit.
 */
final class ClaimedLines implements NodeWriter.Fitting {
    private static final Set<ProblemCode> KEPT_ASIDE = Set.of(ProblemCode.SHAPE_MISMATCH, ProblemCode.BAD_ATTRIBUTE);
    private static final int AS_WRITTEN = 0;
    private static final int WITH_STAND_INS = 1;
    private static final int WITH_FULL_SHAPES = 2;
    private static final int FIRST_FORM = 3;
    private static final String OUTPUT = "output";

    /** Ops that users confuse with each other. */
    private static final List<String> PRODUCTS = List.of("matmul", "outer", "mul");

    private final Map<String, String> given;
    private final Given inputs;
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Scope scope;
    private final OpCalls ops;
    private final Problems problems;
    private final long elements;
    private final Map<String, Misfit> misfits = new LinkedHashMap<>();
    private final Map<String, Integer> standIns = new LinkedHashMap<>();
    /** Lines that claim nothing and cannot be computed. */
    private final Map<String, Problem> helpers = new HashMap<>();
    /** The shapes that lines should have which have another one that is not broadcast to it, by name. */
    private final Map<String, Shape> misshapen = new LinkedHashMap<>();
    /** The same for lines whose shape is broadcast to it. */
    private final Map<String, Shape> shorter = new LinkedHashMap<>();
    private boolean isBehindClaim;

    private Statement.@Nullable Evaluation line;
    private @Nullable Shape right;
    private boolean isWatched;
    private int attempt;
    private int before;
    private @Nullable Problem problem;
    private int full = Misfit.NONE;
    private final List<Repair> repairs = new ArrayList<>();
    private final Map<String, Integer> hidden = new HashMap<>();
    private boolean isChanged;
    private @Nullable Form form;
    private String changedOp = "";

    /** Another form of an operation on two operands; {@code op} is null for the same op. */
    private record Form(@Nullable String op, boolean isSwapped, boolean isLeftTurned, boolean isRightTurned) {
        private static final List<Form> ALL = all();

        private static List<Form> all() {
            List<Form> all = new ArrayList<>();
            List<@Nullable String> names = new ArrayList<>(PRODUCTS);
            names.addFirst(null);
            for (String name : names) {
                for (int bits = name == null ? 1 : 0; bits < 8; bits++) {
                    all.add(new Form(name, (bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0));
                }
            }
            return all;
        }

        Change change() {
            return op != null ? Change.REPLACED : isLeftTurned || isRightTurned ? Change.TRANSPOSED : Change.SWAPPED;
        }
    }

    /**
     * {@code given} are the nodes that lines claim to be the gradients of, by name of the line; other names say it themselves. Attempts
     * have arrays of at most {@code elements} entries.
     */
    ClaimedLines(Map<String, String> given, Given inputs, Tokens tokens, NodeWriter writer, Scope scope, OpCalls ops,
            Problems problems, long elements) {
        this.given = given;
        this.inputs = inputs;
        this.tokens = tokens;
        this.writer = writer;
        this.scope = scope;
        this.ops = ops;
        this.problems = problems;
        this.elements = elements;
    }

    /** The name of a statement that binds none, so that it can be the output; null where it only shows a value. */
    @Nullable
    String unnamed(int node) {
        boolean isShown = isBehindClaim || node == NodeWriter.BROKEN || writer.isNamed(node);
        return isShown || inputs.shapes().containsKey(OUTPUT) ? null : OUTPUT;
    }

    /** Ends the program. Gradients of its nodes that the caller gives are inputs of it even if no line reads them, as {@code dout}. */
    Misfits ended() {
        inputs.shapes().forEach((name, given) -> {
            Shape shape = shape(name);
            if (shape != null && shape.equals(given) && scope.knownShape(name) == null) {
                int _ = scope.read(name, 0);
            }
        });
        return new Misfits(misfits, standIns);
    }

    /** Begins an attempt at a line. */
    void begin(Statement.Evaluation evaluation) {
        if (!evaluation.equals(line)) {
            line = evaluation;
            attempt = AS_WRITTEN;
            problem = null;
            full = Misfit.NONE;
            repairs.clear();
            String name = evaluation.name();
            right = name == null ? null : shape(name);
            isWatched = name != null && !writer.isPaused() && evaluation.expression().problem() == null && (right != null || isBehindClaim);
        }
        if (!isWatched) {
            return;
        }
        before = problems.total();
        form = attempt < FIRST_FORM ? null : Form.ALL.get(attempt - FIRST_FORM);
        isChanged = false;
        writer.setFitting(this);
        if (attempt > AS_WRITTEN) {
            hide(misshapen, evaluation);
        }
        if (attempt == WITH_FULL_SHAPES) {
            hide(shorter, evaluation);
        }
    }

    /** Lets names mean constants of these shapes. */
    private void hide(Map<String, Shape> shapes, Statement.Evaluation evaluation) {
        shapes.forEach((name, shape) -> {
            if (!name.equals(evaluation.name())) {
                int node = standIns.computeIfAbsent(name, _ -> zeros(shape, evaluation.token()));
                hidden.put(name, scope.exchange(name, node));
            }
        });
    }

    /** Ends the attempt that evaluated the line to this node. Returns the node that the line is; nothing if it is evaluated again. */
    OptionalInt end(Statement.Evaluation evaluation, int node) {
        if (!isWatched) {
            return ended(node);
        }
        writer.setFitting(null);
        hidden.forEach(scope::exchange);
        hidden.clear();
        List<Problem> found = problems.takeBack(before);
        boolean isMade = node != NodeWriter.BROKEN && found.isEmpty();
        String name = String.valueOf(evaluation.name());
        if (isMade && attempt < WITH_FULL_SHAPES) {
            note(name, node);
            return ended(node);
        } else if (attempt == AS_WRITTEN) {
            problem = found.isEmpty() ? null : found.getFirst();
            if (problem != null && !KEPT_ASIDE.contains(problem.code())) {
                found.forEach(problems::add);
                return ended(node);
            }
        } else if (isMade && attempt == WITH_FULL_SHAPES) {
            full = right == null ? Misfit.NONE : node;
        } else if (isMade && form != null && isChanged && right != null && Objects.equals(writer.shape(node), right)) {
            repairs.add(new Repair(form.change(), changedOp, node));
        }
        do {
            attempt++;
        } while (attempt == WITH_STAND_INS && misshapen.isEmpty() || attempt == WITH_FULL_SHAPES && shorter.isEmpty());
        boolean isWorthAnother = problem != null && (attempt == WITH_STAND_INS || right != null)
                && attempt < FIRST_FORM + Form.ALL.size();
        return isWorthAnother ? OptionalInt.empty() : ended(givenUp(name, evaluation));
    }

    /** Ends a line; a loop may begin the same statement again. */
    private OptionalInt ended(int node) {
        line = null;
        return OptionalInt.of(node);
    }

    private void note(String name, int node) {
        isBehindClaim |= right != null;
        misshapen.remove(name);
        shorter.remove(name);
        Shape shape = writer.shape(node);
        if (right != null && shape != null && !shape.equals(right)) {
            (shape.broadcastsTo(right) ? shorter : misshapen).put(name, right);
        }
    }

    private int givenUp(String name, Statement.Evaluation evaluation) {
        String helper = problem == null ? brokenHelper(evaluation) : null;
        Problem known = helper == null ? problem : helpers.get(helper);
        Problem unknown = writer.problem(ProblemCode.SHAPE_MISMATCH, evaluation.token(), "the line cannot be computed");
        Problem why = known == null ? unknown : known;
        isBehindClaim = true;
        if (right == null) {
            helpers.put(name, why);
            return NodeWriter.BROKEN;
        }
        Misfit before = misfits.get(name);
        misfits.put(name, new Misfit(before == null ? why : before.problem(), helper, full, List.copyOf(repairs)));
        // A node apart from the repair itself: the next pass of a loop goes on with what the line may have been meant to be.
        return repairs.isEmpty()
                ? zeros(right, evaluation.token())
                : ops.apply("add", evaluation.token(), repairs.getFirst().node(), writer.literal(0, evaluation.token()));
    }

    /** The first line that a line reads and that cannot be computed; null if there is none. */
    private @Nullable String brokenHelper(Statement.Evaluation evaluation) {
        for (int token = evaluation.token() + 1; !tokens.kind(token).endsStatement(); token++) {
            if (tokens.kind(token) == TokenKind.NAME && helpers.containsKey(tokens.text(token))) {
                return tokens.text(token);
            }
        }
        return null;
    }

    private int zeros(Shape shape, int token) {
        return writer.leaf(new Leaf.Constant(Tensor.zeros(shape)), token);
    }

    /** The shape of the derivative that a line of this name claims to be; null if it claims none. */
    private @Nullable Shape shape(String name) {
        String node = given.get(name);
        String by = node != null
                ? node
                : DerivativeNames.read(name, other -> !other.equals(name) && scope.knownShape(other) != null)
                        .map(DerivativeNames.Derivative::by).orElse(null);
        return by == null ? null : scope.knownShape(by);
    }

    @Override
    public @Nullable Integer instead(Op op, int token, int... operands) {
        Shape[] shapes = new Shape[operands.length];
        for (int k = 0; k < operands.length; k++) {
            Shape shape = writer.shape(operands[k]);
            if (shape == null) {
                return null;
            }
            shapes[k] = shape;
        }
        try {
            if (op.shape(shapes).size() > elements && attempt > AS_WRITTEN) {
                throw new SyntaxException(writer.problem(ProblemCode.SHAPE_MISMATCH, token, "the array is too large"));
            }
            return null;
        } catch (ShapeException e) {
            if (form == null || isChanged || operands.length != 2) {
                ProblemCode code = e.attribute() == null ? ProblemCode.SHAPE_MISMATCH : ProblemCode.BAD_ATTRIBUTE;
                throw new SyntaxException(writer.problem(code, token, op.name() + ": " + e.getMessage())
                        .expected(e.expected(), e.actual()));
            }
            isChanged = true;
            changedOp = op.name();
            return changed(form, op, token, operands);
        } catch (ProblemException e) {
            throw new SyntaxException(e.problems().getFirst().position(tokens.position(token)));
        }
    }

    private int changed(Form wanted, Op op, int token, int[] operands) {
        int left = turned(wanted.isLeftTurned, operands[0], token);
        int right = turned(wanted.isRightTurned, operands[1], token);
        int first = wanted.isSwapped ? right : left;
        int second = wanted.isSwapped ? left : right;
        return wanted.op == null ? writer.operation(op, token, first, second) : ops.apply(wanted.op, token, first, second);
    }

    /** The transpose of a matrix; an attempt with that of another array fails. */
    private int turned(boolean isTurned, int node, int token) {
        Shape shape = writer.shape(node);
        if (isTurned && (shape == null || shape.rank() != 2)) {
            throw new SyntaxException(writer.problem(ProblemCode.SHAPE_MISMATCH, token, "only matrices are transposed"));
        }
        return isTurned ? ops.apply("transpose", token, node) : node;
    }
}
