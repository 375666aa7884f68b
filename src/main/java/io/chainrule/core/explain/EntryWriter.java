package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.graph.Family;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    /** {@code written} is how the request names the entry. */
    Explanation.EntryStory of(String name, String written) {
        EntryName entry = EntryName.of(name, written, scene);
        int element = entry.element(scene.graph.shape(entry.node()));
        List<Explanation.EntryTerm> terms = new ArrayList<>();
        double gradient = scene.outcome.gradient(entry.node()).data()[element];
        String text = EntryName.text(scene.id(entry.node()), entry.index());
        List<Contribution> contributions = scene.contributions.of(entry.node());
        for (Contribution contribution : contributions) {
            boolean isOnly = contributions.stream().filter(each -> each.to() == contribution.to()).count() == 1;
            terms.add(term(element, contribution, text, isOnly));
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

    /** {@code isOnly} is whether the reading node has one derivative by the entry, and not several of which this is one. */
    private Explanation.EntryTerm term(int element, Contribution contribution, String name, boolean isOnly) {
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
                products.add(new Explanation.Product(EntryName.text(to, index(shape, i)), upstream[i], local, product));
            } else if (product != 0) {
                more++;
            }
        }
        double value = contribution.value().data()[element];
        return new Explanation.EntryTerm(to, contribution.operand(), value, products, more, column == null
                ? scene.text("entry.whole", to, Numerals.of(value))
                : products.isEmpty()
                        ? nothing(contribution, column, element, name, value)
                        : text(to, value, products, more, isOnly ? name : null));
    }

    /** Why a contribution is 0: no gradient arrives where the entry has a part, or the reading node does not change with it. */
    private String nothing(Contribution contribution, Tensor column, int element, String name, double value) {
        String to = scene.id(contribution.to());
        if (value != 0) {
            return scene.text("entry.undefined", to, Numerals.of(value));
        }
        double[] upstream = contribution.upstream().data();
        if (Arrays.stream(column.data()).anyMatch(local -> local != 0)) {
            boolean isNoneSent = IntStream.range(0, upstream.length).allMatch(i -> upstream[i] == 0 || column.data()[i] == 0);
            return scene.text(isNoneSent ? "entry.nothing.arrives" : "entry.nothing.underflows", to, name);
        }
        OpDefinition op = OpCatalogue.of(scene.graph.op(contribution.to()));
        boolean isElementwise = contribution.local() != null && contribution.value().length() == upstream.length;
        String of = isElementwise ? EntryName.text(to, index(contribution.upstream().shape(), element)) : to;
        String key = op.has(Trait.ROUTES) ? "routed" : op.family() == Family.MOVEMENT ? "moved" : isElementwise ? "flat" : "independent";
        return scene.text("entry.nothing." + key, to, name, of);
    }

    private static List<Integer> index(Shape shape, int element) {
        return Arrays.stream(shape.index(element)).boxed().toList();
    }

    private String text(String to, double value, List<Explanation.Product> products, int more, @Nullable String name) {
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
