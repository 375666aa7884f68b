package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Backward;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The derivative in an op's definition, with names in its places. */
record DeclaredFormula(NamedGraph program, Pullback template, int to, int operand,
        Map<String, String> renamed) implements BackwardFormula {

    DeclaredFormula(NamedGraph program, Pullback template, int to, int operand) {
        this(program, template, to, operand, template.renamed(program));
    }

    private Graph graph() {
        return program.graph();
    }

    boolean hasWords() {
        return template.hasWords();
    }

    @Override
    public Formula left() {
        Formula derivative = BackwardFormula.derivative(program, graph().operand(to, operand));
        if (template.subscript().isEmpty()) {
            return derivative;
        }
        Formula indices = FormulaParser.parse(template.subscript()).replaced(this::letter);
        return new Formula.Script(new Formula.Fenced("(", derivative, ")"), isAlongAxis() ? besideOthers(indices) : indices, false);
    }

    @Override
    public Formula right() {
        return template.formula().replaced(this::filled);
    }

    private @Nullable Formula filled(Formula part) {
        return switch (part) {
            case Formula.Script(Formula.Place place, var script, boolean _) when Pullback.isTransposition(script) && isVector(place)
                    && graph().shape(graph().operand(to, operand)).rank() <= 1 ->
                place(place);
            case Formula.Script(Formula.Place place, var script, boolean isAbove) when !isAbove && isAlongAxis() && hasOtherAxes(place) ->
                new Formula.Script(place(place).asBase(), besideOthers(script.replaced(this::filled)), false);
            case Formula.Place place -> place(place);
            default -> letter(part);
        };
    }

    /** Whether the indices of the form are those along one of several axes, as of an op that reads at positions along an axis. */
    private boolean isAlongAxis() {
        OpDefinition definition = OpCatalogue.of(graph().op(to));
        return definition.operands().contains("indices") && graph().shape(graph().operand(to, operand)).rank() > 1
                && definition.attributes().stream().anyMatch(each -> each.name().equals("axis")
                        && (each.defaultValue() != null || graph().op(to).attributes().containsKey("axis")));
    }

    /** The result has all axes; the array of positions has others only if it has as many as both. */
    private boolean hasOtherAxes(Formula.Place place) {
        int rank = graph().shape(to).rank();
        return place.operand() == Pullback.UPSTREAM
                || rank == Pullback.shape(place, graph(), to).rank() && rank == graph().shape(graph().operand(to, operand)).rank();
    }

    private static Formula besideOthers(Formula index) {
        Formula others = new Formula.Symbol("\\dots ");
        Formula space = new Formula.Symbol("\\,");
        return FormulaWriter.row(others, space, index, space, others);
    }

    /** Another letter in place of one that is the name of a node; null where it stays. */
    private @Nullable Formula letter(Formula part) {
        String other = part instanceof Formula.Symbol(String latex) ? renamed.get(latex.strip()) : null;
        return other == null ? null : new Formula.Symbol(other);
    }

    private boolean isVector(Formula.Place place) {
        return Pullback.shape(place, graph(), to).rank() <= 1;
    }

    private Formula place(Formula.Place place) {
        return switch (place.operand()) {
            case Pullback.UPSTREAM -> BackwardFormula.derivative(program, to);
            case Pullback.RESULT -> BackwardFormula.name(program, to);
            case Pullback.JACOBIAN -> BackwardFormula.fraction(BackwardFormula.name(program, to),
                    BackwardFormula.name(program, graph().operand(to, operand)));
            default -> BackwardFormula.name(program, graph().operand(to, place.operand()));
        };
    }

    @Override
    public List<BackwardPrinter.Letter> letters() {
        OpDefinition definition = OpCatalogue.of(graph().op(to));
        String text = PlainText.of(left()) + " " + PlainText.of(right());
        return isGeneral()
                ? List.of()
                : definition.backward().letters().stream().filter(letter -> isUsed(letter, text))
                        .map(letter -> explained(letter, definition)).toList();
    }

    private boolean isUsed(Backward.Letter letter, String text) {
        String symbol = PlainText.of(FormulaParser.parse(letter.symbol())).strip();
        boolean isBracket = symbol.startsWith("[");
        return letter.meaning() != Backward.Meaning.NONE && (isBracket ? text.contains("[") : template.letters().contains(letter.symbol()));
    }

    private BackwardPrinter.Letter explained(Backward.Letter letter, OpDefinition definition) {
        String symbol = PlainText.of(FormulaParser.parse(letter.symbol()).replaced(this::letter)).replace("[ ]", "[…]");
        return switch (letter.meaning()) {
            case ATTRIBUTE -> new BackwardPrinter.Letter(symbol, attribute(letter.word(), definition), letter.word(), true);
            case COUNT -> new BackwardPrinter.Letter(symbol, String.valueOf(count()), "count", false);
            case TOLD, NONE -> new BackwardPrinter.Letter(symbol, null, letter.word(), false);
        };
    }

    private long count() {
        return graph().shape(graph().operand(to, operand)).size() / Math.max(1, graph().shape(to).size());
    }

    private String attribute(String name, OpDefinition definition) {
        Object value = graph().op(to).attributes().get(name);
        Object known = value != null
                ? value
                : definition.attributes().stream().filter(each -> each.name().equals(name)).map(Attribute::defaultValue)
                        .filter(Objects::nonNull).findFirst().orElse("");
        String text = PlainText.of(FormulaNames.attribute(known));
        return text;
    }

    @Override
    public boolean isGeneral() {
        return template.equals(Pullback.DEFAULT);
    }

    @Override
    public boolean isEqualShare() {
        return kind() == BackwardPrinter.Kind.SHARED && !template.hasSum();
    }

    @Override
    public BackwardPrinter.Kind kind() {
        List<Integer> places = new ArrayList<>();
        template.places((place, _) -> places.add(place.operand()));
        if (places.stream().allMatch(place -> place == Pullback.UPSTREAM)) {
            return template.hasFraction()
                    ? BackwardPrinter.Kind.SHARED
                    : template.hasSum()
                            ? BackwardPrinter.Kind.SUMMED
                            : template.isScaled() ? BackwardPrinter.Kind.OTHER : BackwardPrinter.Kind.PLACED;
        }
        return template.isProduct() && places.stream().noneMatch(place -> place == Pullback.JACOBIAN || place == Pullback.RESULT)
                ? BackwardPrinter.Kind.PRODUCT
                : BackwardPrinter.Kind.OTHER;
    }

    @Override
    public String shapes() {
        List<String> factors = new ArrayList<>();
        Map<Integer, String> byOperand = new LinkedHashMap<>();
        Shape result = graph().shape(graph().operand(to, operand));
        template.places((place, isTransposed) -> {
            Shape shape = shape(place);
            factors.add(shape + (isTransposed && (shape.rank() > 1 || result.rank() > 1) ? "ᵀ" : ""));
            byOperand.putIfAbsent(place.operand(), factors.getLast());
        });
        return (template.isProduct() ? String.join("·", factors) : String.join(", ", byOperand.values())) + " → " + result;
    }

    private Shape shape(Formula.Place place) {
        return place.operand() == Pullback.JACOBIAN
                ? graph().shape(to).concat(graph().shape(graph().operand(to, operand)))
                : Pullback.shape(place, graph(), to);
    }

    /** Whether a product of matrices and vectors, which stand as columns, has the operand's shape; other forms are taken to fit. */
    boolean fits() {
        String subscript = template.subscript().replaceAll("[_{} ]", "");
        if (!subscript.isEmpty()) {
            // As many letters as axes; one letter counts elements, whatever axes they are along.
            return !subscript.matches("[a-z]{2,}") || subscript.length() == graph().shape(graph().operand(to, operand)).rank();
        }
        List<int[]> factors = new ArrayList<>();
        template.places((place, isTransposed) -> {
            Shape shape = shape(place);
            int rows = shape.rank() == 0 ? 1 : shape.rank() == 1 ? shape.dim(0) : shape.dim(shape.rank() - 2);
            int columns = shape.rank() < 2 ? 1 : shape.last();
            factors.add(shape.rank() > 2 || shape.rank() == 0
                    ? new int[0]
                    : isTransposed ? new int[]{columns, rows} : new int[]{rows, columns});
        });
        Shape result = graph().shape(graph().operand(to, operand));
        boolean isSimple = result.rank() <= 2 && graph().shape(to).rank() <= 2;
        if (!template.isProduct() || isGeneral() || !isSimple) {
            return !template.isProduct() || isGeneral() || isSameRank();
        }
        int[] product = new int[0];
        for (int[] factor : factors) {
            if (factor.length > 0 && product.length > 0 && product[1] != factor[0]) {
                return isVectorTimesMatrix(factors, result);
            }
            product = product.length == 0 ? factor : factor.length == 0 ? product : new int[]{product[0], factor[1]};
        }
        return product.length == 0 ? result.rank() == 0 : fits(product, result);
    }

    /** Products of stacks of matrices are those of each two, and have their shape, unless one is not stacked. */
    private boolean isSameRank() {
        List<Integer> ranks = new ArrayList<>(List.of(graph().shape(graph().operand(to, operand)).rank()));
        template.places((place, _) -> ranks.add(shape(place).rank()));
        return ranks.stream().distinct().count() == 1;
    }

    private static boolean fits(int[] product, Shape result) {
        return result.rank() == 2
                ? product[0] == result.dim(0) && product[1] == result.dim(1)
                : result.rank() == 1 && Math.min(product[0], product[1]) == 1 && Math.max(product[0], product[1]) == result.dim(0);
    }

    /** A vector before a matrix is a row. */
    private static boolean isVectorTimesMatrix(List<int[]> factors, Shape result) {
        return result.rank() == 1 && factors.size() == 2 && factors.get(0)[1] == 1 && factors.get(0)[0] == factors.get(1)[0]
                && factors.get(1)[1] == result.dim(0);
    }
}
