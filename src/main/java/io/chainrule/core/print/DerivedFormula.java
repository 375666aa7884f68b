package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the rules of an op compute, typeset. Nodes that are read several times get a letter. */
final class DerivedFormula implements BackwardFormula {
    private static final List<String> LETTERS = List.of("s", "r", "u", "v", "w", "p", "t", "z");

    private final NamedGraph program;
    private final BackwardPrinter.Derivative derivative;
    private final int to;
    private final int operand;
    private final FormulaWriter writer;
    private final Map<Integer, Formula> names = new HashMap<>();
    private final List<BackwardPrinter.Letter> letters = new ArrayList<>();
    private final Formula right;

    DerivedFormula(NamedGraph program, BackwardPrinter.Derivative derivative, int to, int operand) {
        this.program = program;
        this.derivative = derivative;
        this.to = to;
        this.operand = operand;
        Graph graph = derivative.graph();
        NamedGraph named = new NamedGraph(graph, derivative.result(), new @Nullable String[graph.size()], _ -> null);
        this.writer = new FormulaWriter(named, new FormulaNames(named, names), Typesetting.LATEX, new StringBuilder());
        List<String> free = new ArrayList<>(LETTERS);
        free.removeIf(letter -> program.find(letter) != null);
        for (int node = 0; node < graph.size(); node++) {
            if (graph.op(node) instanceof Leaf.Input(String id, var _)) {
                names.put(node, input(id));
            } else if (graph.op(node) instanceof Leaf.Constant && writer.layout.isStatement(node) && node != derivative.result()) {
                names.put(node, writer.whole(node));
            } else if (writer.layout.isStatement(node) && node != derivative.result() && !graph.isLeaf(node)) {
                Formula letter = new Formula.Symbol(free.isEmpty() ? "a_" + node : free.removeFirst());
                names.put(node, letter);
                letters.add(new BackwardPrinter.Letter(PlainText.of(letter), PlainText.line(writer.whole(node)), null, false));
            }
        }
        this.right = names.containsKey(derivative.result()) ? names.get(derivative.result()) : writer.whole(derivative.result());
    }

    private Formula input(String id) {
        return switch (id) {
            case BackwardPrinter.Derivative.UPSTREAM -> BackwardFormula.derivative(program, to);
            case BackwardPrinter.Derivative.RESULT -> BackwardFormula.name(program, to);
            default -> BackwardFormula.name(program, operand(id));
        };
    }

    private int operand(String id) {
        return program.graph().operand(to, Integer.parseInt(id.substring(BackwardPrinter.Derivative.OPERAND.length())));
    }

    /** Whether a formula has English words, as that of a choice. */
    boolean hasWords() {
        return PlainText.line(right).contains(" if ")
                || letters.stream().anyMatch(letter -> String.valueOf(letter.value()).contains(" if "));
    }

    @Override
    public Formula left() {
        return BackwardFormula.derivative(program, program.graph().operand(to, operand));
    }

    @Override
    public Formula right() {
        return right;
    }

    @Override
    public List<BackwardPrinter.Letter> letters() {
        return letters;
    }

    @Override
    public String shapes() {
        List<String> found = new ArrayList<>();
        Graph graph = derivative.graph();
        for (int node = 0; node < graph.size(); node++) {
            if (graph.op(node) instanceof Leaf.Input(String _, Shape shape)) {
                found.add(String.valueOf(shape == null ? graph.shape(node) : shape));
            }
        }
        return String.join(", ", found) + " → " + program.graph().shape(program.graph().operand(to, operand));
    }

    @Override
    public BackwardPrinter.Kind kind() {
        return BackwardPrinter.Kind.OTHER;
    }

    @Override
    public boolean isEqualShare() {
        return false;
    }

    @Override
    public boolean isGeneral() {
        return false;
    }
}
