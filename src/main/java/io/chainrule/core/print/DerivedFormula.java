package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.expression.ValueText;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
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
    private boolean hasChoice;
    /** The place in the operand that gets the right side, while all other elements get 0; null where all get it. */
    private final @Nullable Formula place;

    DerivedFormula(NamedGraph program, BackwardPrinter.Derivative derivative, int to, int operand) {
        this.program = program;
        this.derivative = derivative;
        this.to = to;
        this.operand = operand;
        Graph graph = derivative.graph();
        NamedGraph named = new NamedGraph(graph, derivative.result(), new @Nullable String[graph.size()], _ -> null);
        this.writer = new FormulaWriter(named, new FormulaNames(named, names, true), Typesetting.LATEX, new StringBuilder());
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
                Formula value = writer.whole(node);
                hasChoice |= value.choices() > 0;
                letters.add(new BackwardPrinter.Letter(PlainText.of(letter), PlainText.line(value), null, false));
            }
        }
        int result = derivative.result();
        this.place = place(graph, result);
        int written = place == null ? result : graph.operand(result, 0);
        this.right = names.containsKey(written) ? names.get(written) : writer.whole(written);
        if (place != null) {
            letters.add(new BackwardPrinter.Letter("0", null, "elsewhere", false));
        }
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
        return hasChoice || right.choices() > 0;
    }

    private static @Nullable Formula place(Graph graph, int node) {
        return OpCatalogue.has(graph.op(node), Trait.PLACES)
                && graph.op(node).attributes().get("at") instanceof List<?> places && places.getFirst() instanceof List<?> place
                        ? FormulaNames.items(ValueText.index(place))
                        : null;
    }

    /** Whether this is the gradient of a part of the operand's elements, and the others get 0. */
    boolean isPlaced() {
        return place != null;
    }

    @Override
    public Formula left() {
        Formula gradient = BackwardFormula.derivative(program, program.graph().operand(to, operand));
        return place == null ? gradient : new Formula.Script(new Formula.Fenced("(", gradient, ")"), place, false);
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
