package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.network.LayerSummary;
import io.chainrule.core.network.LoweredNetwork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Explains the backward pass of a network layer by layer. */
final class LayerWriter {
    /** A layer of more nodes, as a recurrent one, is told by what it reads. */
    private static final int MOST_INNER = 4;
    private static final int MOST_STEPS = 8;
    private static final int LONGEST_STEP = 60;
    private static final double PERCENT = 100;
    private static final List<String> LETTERS = List.of("u", "v", "z", "h", "s", "q");

    private final Scene scene;
    private final LoweredNetwork network;

    private LayerWriter(Scene scene, LoweredNetwork network) {
        this.scene = scene;
        this.network = network;
    }

    /** The layers from the last to the first; null if the program is no network. Layers whose gradient is not known are left out. */
    static @Nullable List<Explanation.Layer> of(Scene scene) {
        LoweredNetwork network = scene.bound.network();
        if (network == null) {
            return null;
        }
        LayerWriter writer = new LayerWriter(scene, network);
        Map<String, Readings> readings = writer.readings();
        return network.layers().reversed().stream().filter(layer -> scene.hasGradient(layer.node()))
                .map(layer -> writer.layer(layer, readings.getOrDefault(layer.name(), new Readings()))).toList();
    }

    /** By node, what a layer's nodes contribute: to each other, and to what the layer reads from elsewhere. */
    private record Readings(NavigableMap<Integer, List<Contribution>> inner, NavigableMap<Integer, List<Contribution>> entering) {
        Readings() {
            this(new TreeMap<>(), new TreeMap<>());
        }
    }

    private Map<String, Readings> readings() {
        Map<String, Readings> found = new HashMap<>();
        for (int node = 0; node < scene.graph.size(); node++) {
            if (scene.outcome.function().contributions(node).isEmpty()) {
                continue;
            }
            String own = owner(node);
            for (Contribution contribution : scene.contributions.of(node)) {
                String layer = owner(contribution.to());
                if (layer != null) {
                    Readings readings = found.computeIfAbsent(layer, _ -> new Readings());
                    (layer.equals(own) ? readings.inner : readings.entering).computeIfAbsent(node, _ -> new ArrayList<>())
                            .add(contribution);
                }
            }
        }
        return found;
    }

    private Explanation.Layer layer(LayerSummary layer, Readings readings) {
        List<Explanation.LayerForm> forms = new ArrayList<>();
        List<String> sentences = new ArrayList<>(
                List.of(scene.text("layer", layer.name(), layer.type(), scene.number(scene.outcome.gradient(layer.node())))));
        if (readings.inner.size() <= MOST_INNER) {
            readings.inner.descendingMap().forEach((node, all) -> write(node, all, forms, sentences));
        }
        readings.entering.forEach((node, all) -> {
            write(node, all, forms, sentences);
            scene.contributions.of(node).stream().filter(each -> owner(each.to()) == null)
                    .forEach(each -> add("layer.outside", node, scene.form(each, false), forms, sentences));
        });
        return new Explanation.Layer(layer.name(), layer.type(), forms, String.join(" ", sentences));
    }

    /** Tells how the gradient of one node comes back through a layer, which computes its steps in the order of its nodes. */
    private void write(int node, List<Contribution> contributions, List<Explanation.LayerForm> forms, List<String> sentences) {
        List<Contribution> all = contributions.stream().sorted(Comparator.comparingInt(Contribution::to)).toList();
        boolean isAll = scene.contributions.of(node).size() == all.size();
        boolean isOne = all.stream().map(each -> List.of(each.to(), each.operand())).distinct().count() == 1;
        if (isOne) {
            add("layer.form", node, scene.form(all.getFirst(), isAll), forms, sentences);
            return;
        }
        boolean areAlike = all.stream().map(each -> scene.graph.shape(each.to())).distinct().count() == 1;
        if (areAlike) {
            String letter = LETTERS.stream().filter(each -> scene.program.find(each) == null).findFirst().orElse(LETTERS.getFirst());
            String readers = all.stream().map(each -> scene.id(each.to())).distinct().limit(MOST_STEPS).collect(Collectors.joining(", "));
            add("layer.form", node, scene.sumOver(node, all.getFirst().to(), letter,
                    scene.text("letter.readers", letter + "_t", scene.id(node), readers + (all.size() > MOST_STEPS ? ", …" : "")), isAll),
                    forms, sentences);
        }
        double[] gradient = scene.outcome.gradient(node).data();
        double size = inner(gradient, gradient);
        boolean hasShares = size > 0 && Double.isFinite(size);
        String steps = all.stream().limit(MOST_STEPS)
                .map(each -> hasShares ? scene.text("layer.step", step(each), share(each, gradient, size)) : step(each))
                .collect(Collectors.joining("; "));
        sentences.add(scene.text("layer.steps", scene.id(node), all.size(), steps + (all.size() > MOST_STEPS ? "; …" : "")));
        if (hasShares) {
            sentences.add(scene.text("layer.shares"));
        }
    }

    private void add(String key, int node, Explanation.Form form, List<Explanation.LayerForm> forms, List<String> sentences) {
        forms.add(new Explanation.LayerForm(scene.id(node), form));
        sentences.add(scene.text(key, scene.id(node), form.text(), form.shapes()));
        if (!form.letters().isEmpty()) {
            sentences.add(scene.text("term.where", String.join(", ", form.letters())));
        }
    }

    /** One of several contributions: its form if that is short, else the node that contributes. */
    private String step(Contribution contribution) {
        boolean isGeneral = contribution.local() == null && scene.printer().isGeneral(contribution.to(), contribution.operand());
        String form = scene.form(contribution, false).text();
        return isGeneral || form.length() > LONGEST_STEP ? scene.id(contribution.to()) : form;
    }

    /** What a contribution is of the gradient, in percent. */
    private static String share(Contribution contribution, double[] gradient, double size) {
        double share = inner(contribution.value().data(), gradient) / size;
        return Numerals.of(Math.rint(PERCENT * PERCENT * share) / PERCENT);
    }

    private static double inner(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    /** The innermost layer that computes a node; null for leaves, which no layer computes, and for nodes outside layers. */
    private @Nullable String owner(int node) {
        if (scene.graph.isLeaf(node)) {
            return null;
        }
        String id = scene.id(node);
        String longest = null;
        for (LayerSummary layer : network.layers()) {
            boolean isOwn = id.equals(layer.name()) || id.startsWith(layer.name() + "/");
            longest = isOwn && (longest == null || layer.name().length() > longest.length()) ? layer.name() : longest;
        }
        return longest;
    }
}
