package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells how the gradient of one entry comes about, down to the numbers that are multiplied. */
final class EntryWriter {
    private static final int MOST_PRODUCTS = 20;
    private static final int MOST_WRITTEN = 8;
    private static final int MOST_NAMED = 4;

    private final Scene scene;

    EntryWriter(Scene scene) {
        this.scene = scene;
    }

    Explanation.EntryStory of(String name) {
        EntryName entry = EntryName.of(name, scene);
        int element = entry.element(scene.graph.shape(entry.node()));
        List<Explanation.EntryTerm> terms = new ArrayList<>();
        double gradient = scene.outcome.gradient(entry.node()).data()[element];
        String text = EntryName.text(scene.id(entry.node()), entry.index());
        List<Contribution> contributions = scene.contributions.of(entry.node());
        for (Contribution contribution : contributions) {
            boolean isOnly = contributions.stream().filter(each -> each.to() == contribution.to()).count() == 1;
            terms.add(term(element, contribution, isOnly ? text : null));
        }
        List<String> lines = new ArrayList<>(List.of(head(text, gradient, terms)));
        terms.forEach(term -> lines.add("  " + term.text()));
        return new Explanation.EntryStory(scene.id(entry.node()), entry.index(), gradient, terms, String.join("\n", lines));
    }

    private String head(String name, double gradient, List<Explanation.EntryTerm> terms) {
        if (terms.size() < 2) {
            return scene.text("entry", Scene.guarded(scene.outputId()), Scene.guarded(name), Numerals.of(gradient));
        }
        String sum = terms.stream().map(term -> Numerals.factor(term.contribution())).collect(Collectors.joining(" + "));
        return scene.text("entry.sum", Scene.guarded(scene.outputId()), Scene.guarded(name), Numerals.of(gradient), sum);
    }

    /** {@code name} is that of the entry; null where the reading node has several derivatives by it, of which this is one. */
    private Explanation.EntryTerm term(int element, Contribution contribution, @Nullable String name) {
        Tensor column = scene.contributions.column(contribution, element);
        double[] upstream = contribution.upstream().data();
        String to = scene.id(contribution.to());
        Shape shape = contribution.upstream().shape();
        List<Explanation.Product> products = new ArrayList<>();
        int more = 0;
        for (int i = 0; column != null && i < upstream.length; i++) {
            double local = column.data()[i];
            double product = upstream[i] == 0 ? 0 : upstream[i] * local;
            if (product != 0 && products.size() < MOST_PRODUCTS) {
                List<Integer> index = Arrays.stream(shape.index(i)).boxed().toList();
                products.add(new Explanation.Product(EntryName.text(to, index), upstream[i], local, product));
            } else if (product != 0) {
                more++;
            }
        }
        double value = contribution.value().data()[element];
        return new Explanation.EntryTerm(to, contribution.operand(), value, products, more, column == null
                ? scene.text("entry.whole", to, Numerals.of(value))
                : text(to, value, products, more, name));
    }

    private String text(String to, double value, List<Explanation.Product> products, int more, @Nullable String name) {
        if (products.isEmpty()) {
            return scene.text(value == 0 ? "entry.nothing" : "entry.undefined", to, Numerals.of(value));
        }
        String names = products.stream().limit(MOST_NAMED).map(each -> names(each.of(), name)).collect(Collectors.joining(" + "))
                + (more > 0 || products.size() > MOST_NAMED ? " + …" : "");
        String sum = products.stream().limit(MOST_WRITTEN)
                .map(each -> Numerals.factor(each.upstream()) + " × " + Numerals.factor(each.local())).collect(Collectors.joining(" + "));
        int left = more + Math.max(0, products.size() - MOST_WRITTEN);
        return scene.text("entry.term", to, names, left == 0 ? sum : scene.text("entry.more", sum, left), Numerals.of(value));
    }

    /** The factors of a product: the derivative of the output by an entry of the reading node, and that entry's by the explained one. */
    private String names(String of, @Nullable String by) {
        String local = by == null ? scene.text("column.local") : "∂" + Scene.guarded(of) + "/∂" + Scene.guarded(by);
        return "∂" + Scene.guarded(scene.outputId()) + "/∂" + Scene.guarded(of) + " × " + local;
    }
}
