package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * NumPy's einsum, sums of products by index letters, as a circuit of diagonals, sums and matrix products from left to right.
 * A label is a letter, or a negative number for an axis of the ellipsis, counted from its end.
 */
final class Einsum {
    static final OpDefinition DEFINITION = OpDefinition.define("einsum", Family.COMPOSITE, "a").variadic()
            .attribute(Attribute.required("equation", Attribute.Type.TEXT, "letters of each operand's axes, such as 'ij,jk->ik'"))
            .formula("y_{\\text{out}} = \\sum_{\\text{other letters}} \\prod_k a_k",
                    "\\bar a_i = \\operatorname{einsum}(\\text{out and the others} \\to \\text{letters of } a_i;\\ \\bar y, a_{j \\ne i})",
                    Backward.rule((a, x, cotangent, operand) -> new Einsum(a).back(x, cotangent, operand)))
            .convention("without an output its letters are those that occur once, in alphabetical order, behind the ellipsis")
            .example("y = einsum(a, a, equation='ij,kj->ik')\nf = sum(y^2)", Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}))
            .latex("\\operatorname{einsum}\\left(", "\\right)", "equation").as(a -> {
                Einsum einsum = new Einsum(a);
                return Composite.of("einsum", a.written(), einsum::circuit);
            });

    private static final char DOTS = '.';

    private final Attributes attributes;
    private final List<String> terms;
    private final @Nullable String output;

    private Einsum(Attributes attributes) {
        this.attributes = attributes;
        String equation = attributes.text("equation").replace(" ", "");
        int arrow = equation.indexOf("->");
        String left = arrow < 0 ? equation : equation.substring(0, arrow);
        terms = List.of(left.split(",", -1)).stream().map(this::term).toList();
        output = arrow < 0 ? null : term(equation.substring(arrow + 2));
        if (output != null) {
            String all = String.join("", terms);
            for (int i = 0; i < output.length(); i++) {
                char letter = output.charAt(i);
                if (output.indexOf(letter) != i || letter != DOTS && all.indexOf(letter) < 0) {
                    throw bad(letter == DOTS ? "..." : "'" + letter + "'",
                            all.indexOf(letter) < 0 ? " of the output is in no operand" : " is twice in the output");
                }
            }
        }
    }

    /** A term with one dot for the ellipsis. */
    private String term(String text) {
        String term = text.replace("...", String.valueOf(DOTS));
        for (int i = 0; i < term.length(); i++) {
            char letter = term.charAt(i);
            boolean isLetter = letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z';
            if (!isLetter && (letter != DOTS || term.indexOf(DOTS) != i)) {
                throw bad("'" + letter + "'", " is no letter and no part of one ellipsis");
            }
        }
        return term;
    }

    private ProblemException bad(String what, String why) {
        return new ProblemException(attributes.problem("equation", "cannot read the equation: " + what + why)
                .expected("letters, ..., commas and one ->", attributes.text("equation")));
    }

    /** The einsum of the cotangent and the other operands; null where an operand has letters that none of these has, or one twice. */
    private @Nullable Node back(Node[] operands, Node cotangent, int operand) {
        String own = terms.get(operand);
        if (output == null || (output + String.join("", terms)).indexOf(DOTS) >= 0 || own.chars().distinct().count() < own.length()) {
            return null;
        }
        List<String> read = new ArrayList<>(List.of(output));
        List<Node> nodes = new ArrayList<>(List.of(cotangent));
        for (int k = 0; k < terms.size(); k++) {
            if (k != operand) {
                read.add(terms.get(k));
                nodes.add(operands[k]);
            }
        }
        String equation = String.join(",", read) + "->" + own;
        return own.chars().allMatch(letter -> String.join("", read).indexOf(letter) >= 0)
                ? cotangent.graph().add(DEFINITION.create(Map.of("equation", equation), nodes.size()), nodes.toArray(Node[]::new))
                : null;
    }

    private record Part(Node node, List<Integer> labels) {}

    private Node circuit(Node[] operands) {
        if (operands.length != terms.size()) {
            throw new ShapeException("the equation has " + terms.size() + " terms, there are " + operands.length + " operands",
                    terms.size() + " operands", String.valueOf(operands.length)).by("equation");
        }
        Map<Integer, Integer> sizes = new HashMap<>();
        List<Part> parts = new ArrayList<>();
        int widest = 0;
        for (int k = 0; k < operands.length; k++) {
            List<Integer> labels = labels(terms.get(k), operands[k].shape());
            widest = Math.max(widest, (int) labels.stream().filter(label -> label < 0).count());
            Part part = withoutRepeats(new Part(operands[k], labels));
            for (int i = 0; i < part.labels().size(); i++) {
                int label = part.labels().get(i);
                int n = part.node().shape().dim(i);
                Integer known = sizes.merge(label, n, (a, b) -> a == 1 ? b : a);
                if (known != n && n != 1) {
                    throw new ShapeException("axes of lengths " + known + " and " + n + " share " + name(label), "equal lengths",
                            known + " and " + n).by("equation");
                }
            }
            parts.add(part);
        }
        List<Integer> wanted = wanted(widest);
        parts.replaceAll(part -> withoutStretched(part, sizes));
        Part result = parts.getFirst();
        for (int k = 1; k < parts.size(); k++) {
            Set<Integer> needed = new HashSet<>(wanted);
            parts.subList(k + 1, parts.size()).forEach(part -> needed.addAll(part.labels()));
            result = product(result, parts.get(k), needed);
        }
        Part summed = summed(result, new HashSet<>(wanted));
        return Contractions.ordered(summed.node(), wanted.stream().map(summed.labels()::indexOf).toList());
    }

    private static String name(int label) {
        return label < 0 ? "an axis of the ellipsis" : "the letter '" + (char) label + "'";
    }

    private static List<Integer> labels(String term, Shape shape) {
        int letters = (int) term.chars().filter(c -> c != DOTS).count();
        boolean open = term.indexOf(DOTS) >= 0;
        if (open ? letters > shape.rank() : letters != shape.rank()) {
            throw new ShapeException(
                    "term '" + term.replace(".", "...") + "' does not name the " + shape.rank() + " axes of shape " + shape,
                    (open ? "at least " : "") + letters + " axes", String.valueOf(shape.rank())).by("equation");
        }
        List<Integer> labels = new ArrayList<>();
        for (int i = 0; i < term.length(); i++) {
            char letter = term.charAt(i);
            if (letter == DOTS) {
                labels.addAll(dots(shape.rank() - letters));
            } else {
                labels.add((int) letter);
            }
        }
        return labels;
    }

    private static List<Integer> dots(int n) {
        return IntStream.rangeClosed(-n, -1).boxed().toList();
    }

    private List<Integer> wanted(int widest) {
        List<Integer> wanted = new ArrayList<>();
        if (output == null) {
            wanted.addAll(dots(widest));
            String all = String.join("", terms);
            all.chars().filter(c -> c != DOTS && all.indexOf(c) == all.lastIndexOf(c)).sorted().forEach(wanted::add);
            return wanted;
        }
        if (widest > 0 && output.indexOf(DOTS) < 0) {
            throw new ShapeException("the output lacks the ellipsis that stands for " + widest + " axes of operands", "... in the output",
                    output).by("equation");
        }
        for (int i = 0; i < output.length(); i++) {
            char letter = output.charAt(i);
            wanted.addAll(letter == DOTS ? dots(widest) : List.of((int) letter));
        }
        return wanted;
    }

    /** Takes the diagonal where a letter occurs twice. */
    private static Part withoutRepeats(Part part) {
        List<Integer> labels = new ArrayList<>(part.labels());
        Node node = part.node();
        for (int i = 0; i < labels.size(); i++) {
            int label = labels.get(i);
            int second = labels.lastIndexOf(label);
            if (second == i) {
                continue;
            }
            if (node.shape().dim(i) != node.shape().dim(second)) {
                throw new ShapeException("axes of lengths " + node.shape().dim(i) + " and " + node.shape().dim(second) + " share "
                        + name(label), "equal lengths", node.shape().toString()).by("equation");
            }
            List<Integer> order = new ArrayList<>(IntStream.range(0, labels.size()).boxed().toList());
            order.removeAll(List.of(i, second));
            order.addAll(List.of(i, second));
            node = Contractions.diagonal(Contractions.ordered(node, order), 0);
            labels = new ArrayList<>(order.subList(0, order.size() - 2).stream().map(labels::get).toList());
            labels.add(label);
            i = -1;
        }
        return new Part(node, labels);
    }

    /** Drops axes of length 1 that broadcast against another operand. */
    private static Part withoutStretched(Part part, Map<Integer, Integer> sizes) {
        Shape shape = part.node().shape();
        List<Integer> kept = IntStream.range(0, shape.rank()).filter(i -> shape.dim(i) == sizes.getOrDefault(part.labels().get(i), 1))
                .boxed().toList();
        return new Part(reshape(part.node(), Contractions.lengths(shape, kept)), kept.stream().map(part.labels()::get).toList());
    }

    private static Part summed(Part part, Collection<Integer> needed) {
        List<Integer> axes = IntStream.range(0, part.labels().size()).filter(i -> !needed.contains(part.labels().get(i))).boxed().toList();
        return new Part(sum(part.node(), axes, false), part.labels().stream().filter(needed::contains).toList());
    }

    /** The product of two, summed over their labels that are not needed any more. */
    private static Part product(Part first, Part second, Set<Integer> needed) {
        Part a = summed(first, union(needed, second.labels()));
        Part b = summed(second, union(needed, first.labels()));
        List<Integer> shared = a.labels().stream().filter(b.labels()::contains).toList();
        List<Integer> batch = shared.stream().filter(needed::contains).toList();
        List<Integer> met = shared.stream().filter(label -> !needed.contains(label)).toList();
        List<Integer> left = a.labels().stream().filter(label -> !shared.contains(label)).toList();
        List<Integer> right = b.labels().stream().filter(label -> !shared.contains(label)).toList();
        Node x = matrices(a, batch, left, met);
        Node y = matrices(b, batch, met, right);
        Shape shape = sizes(a, batch).concat(sizes(a, left)).concat(sizes(b, right));
        Node product = met.isEmpty() ? mul(x, y) : matmul(x, y);
        return new Part(reshape(product, shape), Contractions.joined(batch, Contractions.joined(left, right)));
    }

    private static Set<Integer> union(Set<Integer> a, List<Integer> b) {
        Set<Integer> all = new HashSet<>(a);
        all.addAll(b);
        return all;
    }

    private static Shape sizes(Part part, List<Integer> labels) {
        return Contractions.lengths(part.node().shape(), labels.stream().map(part.labels()::indexOf).toList());
    }

    private static Node matrices(Part part, List<Integer> batch, List<Integer> rows, List<Integer> columns) {
        List<Integer> order = Contractions.joined(batch, Contractions.joined(rows, columns)).stream().map(part.labels()::indexOf).toList();
        Shape matrix = Shape.of(sizes(part, rows).length(), sizes(part, columns).length());
        Shape leading = batch.isEmpty() ? Shape.SCALAR : Shape.of(sizes(part, batch).length());
        return reshape(Contractions.ordered(part.node(), order), leading.concat(matrix));
    }
}
