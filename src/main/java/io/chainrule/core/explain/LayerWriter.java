package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.network.LayerSummary;
import io.chainrule.core.network.LoweredNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Explains the backward pass of a network layer by layer. */
final class LayerWriter {
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
        Map<String, Map<Integer, Contribution.Edge>> entering = writer.entering();
        return network.layers().reversed().stream().filter(layer -> scene.hasGradient(layer.node()))
                .map(layer -> writer.layer(layer, entering.getOrDefault(layer.name(), Map.of()))).toList();
    }

    /** For each layer the nodes that it reads from elsewhere, with the first contribution that it makes to each. */
    private Map<String, Map<Integer, Contribution.Edge>> entering() {
        Map<String, Map<Integer, Contribution.Edge>> found = new HashMap<>();
        for (int node = 0; node < scene.graph.size(); node++) {
            String own = owner(node);
            for (Contribution.Edge edge : scene.outcome.function().contributions(node)) {
                String layer = owner(edge.to());
                if (layer != null && !layer.equals(own)) {
                    found.computeIfAbsent(layer, _ -> new TreeMap<>()).putIfAbsent(node, edge);
                }
            }
        }
        return found;
    }

    private Explanation.Layer layer(LayerSummary layer, Map<Integer, Contribution.Edge> entering) {
        List<Explanation.LayerForm> forms = new ArrayList<>();
        entering.forEach((node, edge) -> forms.add(new Explanation.LayerForm(scene.id(node), scene.form(edge.to(), edge.operand()))));
        List<String> sentences = new ArrayList<>(
                List.of(scene.text("layer", layer.name(), layer.type(), scene.number(scene.outcome.gradient(layer.node())))));
        forms.forEach(form -> {
            sentences.add(scene.text("layer.form", form.node(), form.form().text(), form.form().shapes()));
            if (!form.form().letters().isEmpty()) {
                sentences.add(scene.text("term.where", String.join(", ", form.form().letters())));
            }
        });
        return new Explanation.Layer(layer.name(), layer.type(), forms, String.join(" ", sentences));
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
