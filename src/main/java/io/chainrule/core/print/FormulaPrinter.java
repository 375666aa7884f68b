package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.LatexForm;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Typesets a program as mathematics, statement by statement as {@link ExpressionPrinter} does; linear in the graph. */
public final class FormulaPrinter {
    /** Longer formulas in LaTeX are not typeset in MathML too, which takes several times their length: nobody reads them. */
    private static final int LONGEST_IN_MATHML = 20_000;

    private final NamedGraph program;
    private final FormulaNames names;
    private final Typesetting typesetting;
    private final Checkpoint checkpoint;
    private final StringBuilder out = new StringBuilder();

    private FormulaPrinter(NamedGraph program, Typesetting typesetting, Checkpoint checkpoint) {
        this.program = program;
        this.names = new FormulaNames(program);
        this.typesetting = typesetting;
        this.checkpoint = checkpoint;
    }

    /** A formula in both languages; {@code mathml} is null where it would be very long. */
    public record Both(String latex, @Nullable String mathml) {}

    /** The command by which LaTeX prints a Greek letter in a formula; null for other characters. */
    public static @Nullable String greek(int character) {
        String command = FormulaNames.COMMANDS.get(Character.toString(character));
        return command == null ? null : "\\" + command;
    }

    /** {@code checkpoint} is asked now and then whether to go on. */
    public static Both print(NamedGraph program, Checkpoint checkpoint) {
        return both(typesetting -> print(program, typesetting, checkpoint));
    }

    /** Prints a program that computes the derivative of the output {@code of} of another program by its inputs {@code by}, in order. */
    public static Both derivative(NamedGraph program, String of, List<String> by, Checkpoint checkpoint) {
        return both(typesetting -> derivative(program, of, by, typesetting, checkpoint));
    }

    private static Both both(Function<Typesetting, String> print) {
        String latex = print.apply(Typesetting.LATEX);
        return new Both(latex, latex.length() > LONGEST_IN_MATHML ? null : print.apply(Typesetting.MATHML));
    }

    static String print(NamedGraph program, Typesetting typesetting, Checkpoint checkpoint) {
        FormulaPrinter printer = new FormulaPrinter(program, typesetting, checkpoint);
        int lines = printer.statements(null, true);
        if (lines == 0) {
            printer.add(printer.names.of(program.output()));
        }
        return typesetting.whole(printer.out.toString());
    }

    static String derivative(NamedGraph program, String of, List<String> by, Typesetting typesetting, Checkpoint checkpoint) {
        FormulaPrinter printer = new FormulaPrinter(program, typesetting, checkpoint);
        Formula derivative = printer.head(of, by);
        int lines = printer.statements(derivative, false);
        if (lines == 0) {
            printer.add(derivative, FormulaParser.template(" = "), printer.names.of(program.output()));
        }
        return typesetting.whole(printer.out.toString());
    }

    private void add(Formula... parts) {
        for (Formula part : parts) {
            typesetting.write(part, out::append);
        }
    }

    /** The derivative as a fraction of differentials, with indices if its program has such. */
    private Formula head(String of, List<String> by) {
        List<Formula> below = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= by.size(); i++) {
            if (i == by.size() || !by.get(i).equals(by.get(from))) {
                below.add(new Formula.Symbol(from == 0 ? "\\partial " : " \\partial "));
                below.add(power(FormulaNames.in(program, by.get(from)), i - from));
                from = i;
            }
        }
        Formula fraction = new Formula.Fraction(
                FormulaWriter.row(power(new Formula.Symbol("\\partial"), by.size()), new Formula.Symbol(" "), FormulaNames.in(program, of)),
                new Formula.Row(below));
        String indices = indices();
        return indices == null
                ? fraction
                : new Formula.Script(new Formula.Fenced("(", fraction, ")"), FormulaNames.items(indices), false);
    }

    private static Formula power(Formula base, int exponent) {
        return exponent == 1 ? base : new Formula.Script(base, new Formula.Digits(String.valueOf(exponent)), true);
    }

    /** The indices of the output, if an op with indices has its shape; else null. */
    private @Nullable String indices() {
        Graph graph = program.graph();
        for (int i = graph.size() - 1; i >= 0 && graph.hasShapes(); i--) {
            LatexForm form = graph.isLeaf(i) ? null : OpCatalogue.of(graph.op(i)).latex();
            if (form != null && form.isIndexed() && graph.shape(i).equals(graph.shape(program.output()))) {
                return form.result(graph.op(i).attributes());
            }
        }
        return null;
    }

    /** Writes the statements and returns their number. The output is called {@code head}, if given. */
    private int statements(@Nullable Formula head, boolean isAligned) {
        Graph graph = program.graph();
        FormulaWriter writer = new FormulaWriter(program, names, typesetting, out);
        List<Integer> lines = new ArrayList<>();
        for (int node = 0; node < graph.size(); node++) {
            if (writer.layout.isStatement(node) && !(graph.op(node) instanceof Leaf.Input)) {
                lines.add(node);
            }
        }
        boolean isTable = isAligned || lines.size() > 1;
        for (int i = 0; i < lines.size(); i++) {
            int node = lines.get(i);
            out.append(isTable ? i == 0 ? typesetting.begin() : typesetting.between() : "");
            add(head != null && node == program.output() ? head : names.of(node));
            out.append(isTable ? typesetting.aligned() : "");
            add(FormulaParser.template(isTable ? "= " : " = "));
            writer.write(node, checkpoint);
        }
        out.append(isTable && !lines.isEmpty() ? typesetting.end() : "");
        return lines.size();
    }
}
