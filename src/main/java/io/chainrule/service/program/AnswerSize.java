package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Compiled;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Contribution;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An upper bound of the bytes of an answer as JSON, computed from names and shapes before anything is run, and of a program from
 * its text. Diagnostics are not counted, since there are few.
 */
public final class AnswerSize {
    /** The length of {@code -2.2250738585072014E-308} and a comma. */
    private static final int NUMBER = 25;
    private static final int WHOLE_NUMBER = 12;
    /** The length of the field names, quotes and brackets of an array object, of a node and of a local Jacobian. */
    private static final int ARRAY_OBJECT = 120;
    private static final int NODE = 100;
    private static final int LOCAL_JACOBIAN = 120;
    private static final int MOST_EMPTY_ROWS = 1_000;
    /** The length of the field names and whole numbers of an input, a layer, a derivative or an entry of a training's history. */
    private static final int PART = 150;
    /** The length of a result of a check with its numbers, and of a note with its message; a result has at most one note of each kind. */
    private static final int CHECK = 250;
    private static final int NOTE = 350;
    private static final int KINDS_OF_NOTES = 4;
    /** The most numbers of a gradient that a formula and a sentence show, and the length of one in both, in two languages of formulas. */
    private static final int MOST_SHOWN = 16;
    private static final int SHOWN = 90;
    private static final int MOST_TERMS = 8;
    private static final int QUOTES = 4;

    private final boolean isBase64;
    private final Set<String> waysToAskForLess = new LinkedHashSet<>();
    private double bytes = 200;

    /** {@code isBase64} says whether the answer encodes arrays as base64. */
    public AnswerSize(boolean isBase64) {
        this.isBase64 = isBase64;
    }

    /** Starts with the parameters that were drawn, which every answer about a network contains. */
    static AnswerSize of(Query query, Work<?> work) {
        AnswerSize size = new AnswerSize(query.isBase64());
        if (work.drawn() != null) {
            work.drawn().forEach((id, value) -> size.named(id, value.shape()));
        }
        return size;
    }

    /** Adds arrays of these shapes, by name. */
    public AnswerSize named(Map<String, Shape> shapes) {
        shapes.forEach(this::named);
        return this;
    }

    /** Adds the values of nodes, by the names under which they are answered. */
    AnswerSize values(BoundProgram bound, Map<String, Integer> nodes) {
        nodes.forEach((id, node) -> named(id, bound.answered(node)));
        return this;
    }

    /** Adds the value of the output. */
    AnswerSize output(BoundProgram bound) {
        return named(bound.program().outputId(), bound.answered(bound.program().output()));
    }

    /** Adds a value, or a derivative, of this shape. */
    AnswerSize array(Shape shape) {
        return array(shape, (double) shape.size());
    }

    /** Adds an array of this shape with its name. */
    AnswerSize named(String name, Shape shape) {
        bytes += text(name);
        return array(shape);
    }

    /** Adds a dense matrix of derivatives. */
    AnswerSize matrix(Shape of, Shape by) {
        waysToAskForLess.add("\"format\": \"coo\"");
        return array(of.concat(by), (double) of.size() * by.size());
    }

    /** Adds matrices of derivatives of these shapes in coordinate form; {@code entries} is the number of entries of all of them. */
    AnswerSize entries(Collection<Shape> matrices, long entries) {
        int longestIndex = 0;
        for (Shape shape : matrices) {
            int index = 3;
            for (int axis = 0; axis < shape.rank(); axis++) {
                index += 1 + String.valueOf(shape.dim(axis)).length();
            }
            longestIndex = Math.max(longestIndex, index);
            bytes += 40 + WHOLE_NUMBER * shape.rank();
            array(Shape.of(0));
        }
        bytes += (double) longestIndex * entries;
        return array(Shape.of(1), (double) entries);
    }

    /** Adds nodes of a program, each with {@code arrays} values of its shape. */
    AnswerSize nodes(List<NodeDescription> nodes, int arrays) {
        for (NodeDescription node : nodes) {
            node(node);
            for (int i = 0; i < arrays; i++) {
                array(node.shape());
            }
        }
        if (!nodes.isEmpty()) {
            waysToAskForLess.add("\"nodes\": \"none\" or a list of ids");
        }
        return this;
    }

    private void node(NodeDescription node) {
        bytes += NODE + text(node.id()) + node.op().length() + WHOLE_NUMBER * node.shape().rank();
        node.attributes().forEach((name, value) -> bytes += text(name) + 2 * text(String.valueOf(value)));
        node.inputs().forEach(input -> bytes += input instanceof String id ? text(id) : NUMBER);
    }

    /** Adds the values of the constants among nodes. */
    AnswerSize constants(List<NodeDescription> nodes) {
        nodes.stream().filter(node -> node.constant() != null).forEach(node -> array(node.shape()));
        return this;
    }

    /** Adds a program as text, LaTeX and nodes. */
    AnswerSize program(ProgramText text, String latex, @Nullable String mathml, List<NodeDescription> nodes) {
        nodes.forEach(this::node);
        return constants(nodes).program(text, latex, mathml);
    }

    /** Adds a program as text and as formulas. */
    AnswerSize program(ProgramText text, String latex, @Nullable String mathml) {
        bytes += PART + text(text.expression());
        bytes += text(latex) + (mathml == null ? 0 : text(mathml));
        text.renamedInputs().forEach((id, name) -> bytes += text(id) + text(name));
        return this;
    }

    AnswerSize texts(List<String> texts) {
        texts.forEach(text -> bytes += text(text));
        return this;
    }

    /** Adds inputs, layers or derivatives, by name and shape. */
    AnswerSize part(String name, Shape shape) {
        bytes += PART + text(name) + WHOLE_NUMBER * shape.rank();
        return this;
    }

    /**
     * Adds the results of a check by inputs of these shapes: one for each, or at order 2 one for each pair. {@code ids} are those of the
     * program's nodes, which messages name.
     */
    AnswerSize checks(Map<String, Shape> shapes, int order, Collection<String> ids) {
        double others = order == 1 ? 1 : shapes.size();
        long mostElements = order == 1 ? 1 : shapes.values().stream().mapToLong(Shape::size).max().orElse(0);
        int mostAxes = order == 1 ? 0 : shapes.values().stream().mapToInt(Shape::rank).max().orElse(0);
        int longestId = ids.stream().mapToInt(AnswerSize::text).max().orElse(0);
        shapes.forEach((name, shape) -> {
            double notes = Math.min(KINDS_OF_NOTES, (double) shape.size() * mostElements);
            int index = WHOLE_NUMBER * (shape.rank() + mostAxes);
            bytes += others * (CHECK + text(name) + longestId + index + notes * (NOTE + longestId + index));
        });
        waysToAskForLess.add("fewer names in \"wrt\"");
        return this;
    }

    /** Adds a training's history of {@code entries} with so many metrics. */
    public AnswerSize history(long entries, int metrics) {
        bytes += (double) entries * (PART + 5 * NUMBER + metrics * (PART + 2 * NUMBER));
        return this;
    }

    /** Adds Jacobians of nodes by their operands. */
    AnswerSize localJacobians(List<LocalJacobians.Local> jacobians) {
        for (LocalJacobians.Local jacobian : jacobians) {
            waysToAskForLess.add("\"jacobians\": \"none\"");
            bytes += LOCAL_JACOBIAN + text(jacobian.node()) + text(jacobian.wrt()) + WHOLE_NUMBER * jacobian.shape().rank();
            // If the value is left out, the sentence that replaces it is about as long as four numbers.
            array(jacobian.omitted() == null ? jacobian.shape() : Shape.of(4));
        }
        return this;
    }

    /** Adds the ledger of a gradient: for each node its gradient, and three arrays for each contribution, with sentences and formulas. */
    AnswerSize ledger(BoundProgram bound, CompiledFunction function, boolean isFull) {
        LedgerText text = isFull ? LedgerText.FULL : LedgerText.SHORT;
        for (int node = 0; node < bound.program().graph().size(); node++) {
            if (function.hasGradient(node)) {
                List<Contribution.Edge> edges = function.contributions(node);
                int id = text(bound.program().id(node)) - QUOTES;
                long shown = bound.answered(node).size() <= MOST_SHOWN ? bound.answered(node).size() : 0;
                bytes += text.entry() + 12.0 * id + SHOWN * shown;
                array(bound.answered(node));
                for (int i = 0; i < edges.size(); i++) {
                    Contribution.Edge edge = edges.get(i);
                    int to = text(bound.program().id(edge.to())) - QUOTES;
                    bytes += text.contribution() + (edge.isElementwise() ? SHOWN * shown : text.form()) + 12.0 * (to + id)
                            + (i < MOST_TERMS ? text.term() + 4.0 * (to + id) : 0);
                    array(bound.answered(edge.to())).array(bound.answered(node));
                    if (edge.isElementwise()) {
                        array(bound.answered(edge.to()));
                    }
                }
            }
        }
        waysToAskForLess.add("\"nodes\": \"none\" or a list of ids");
        return this;
    }

    /** Adds the paths to a node, each of which may have all nodes. */
    AnswerSize paths(BoundProgram bound, int paths) {
        for (int node = 0; node < bound.program().graph().size(); node++) {
            bytes += bound.program().graph().isLiteral(node) ? 0 : 2.0 * paths * text(bound.program().id(node));
        }
        return this;
    }

    /** Adds an array; {@code size} is its number of elements, passed separately since a matrix may have more than a shape can count. */
    private AnswerSize array(Shape shape, double size) {
        if (shape.isScalar()) {
            bytes += NUMBER;
            return this;
        }
        double object = ARRAY_OBJECT + WHOLE_NUMBER * shape.rank() + 4 * Math.ceil(size * Double.BYTES / 3);
        if (isBase64) {
            bytes += object;
            return this;
        }
        waysToAskForLess.add("\"arrays\": \"base64\"");
        double rows = 1;
        double brackets = 1;
        for (int axis = 0; axis < shape.rank() - 1; axis++) {
            rows *= shape.dim(axis);
            brackets += rows;
        }
        bytes += size > 0
                ? size * NUMBER + 3 * brackets
                : object + 3 * Math.min(brackets, (double) MOST_EMPTY_ROWS * shape.rank());
        return this;
    }

    /** The length of a text in quotes, with a comma, in UTF-8 and with escapes. */
    private static int text(String text) {
        int length = QUOTES;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            length += c < ' ' ? 6 : c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : 3;
        }
        return length;
    }

    long bytes() {
        return (long) bytes;
    }

    /**
     * Throws {@link LimitException} if the function costs too much, or if the answer would be too large; its hint says how to ask for less.
     */
    void check(Compiled function, Admission admission) {
        admission.check(function.cost(), 0);
        check(admission.limits());
    }

    /** Throws {@link LimitException} if the answer would be too large. */
    public void check(Limits limits) {
        if (bytes > limits.answerBytes()) {
            throw hinted(new LimitException("answer-bytes", bytes(), limits.answerBytes()));
        }
    }

    /** The same while there is more to be added, of one of the derivatives by several names. */
    void checkSoFar(Limits limits) {
        if (bytes > limits.answerBytes()) {
            waysToAskForLess.add("fewer names in \"wrt\"");
            throw hinted(LimitException.moreThan("answer-bytes", limits.answerBytes()));
        }
    }

    private LimitException hinted(LimitException e) {
        return e.withHint(waysToAskForLess.isEmpty() ? null : "ask for less: " + String.join(", ", waysToAskForLess));
    }
}
