package io.chainrule.core.network;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Wording;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks what does not depend on shapes: the types, names and options of layers. */
final class LayerReader {
    /** How deep residual layers may be nested. */
    private static final int MOST_NESTED = 100;

    private final Problems problems;
    private final NetworkNames names;
    /** The places of layers whose name is taken already. */
    private final Set<Place> doubles = new HashSet<>();

    LayerReader(Problems problems, NetworkNames names) {
        this.problems = problems;
        this.names = names;
    }

    /** Checks all layers, and returns those before the first one that has a problem. */
    List<Layer> read(List<LayerSpec> specs) {
        Place.OfLayer network = Place.OfLayer.at(List.of());
        claimGiven(specs, network, 0);
        return layers(specs, network, 0);
    }

    /** Claims the given names first, so that generated names avoid them. */
    private void claimGiven(List<LayerSpec> specs, Place.OfLayer outside, int depth) {
        for (int i = 0; i < specs.size() && !problems.isFull(); i++) {
            LayerSpec spec = specs.get(i);
            Place.OfLayer at = outside.inner(i);
            String name = spec.name();
            if (name != null) {
                if (!names.claim(name, inWords(at), at.part("name"))) {
                    doubles.add(at);
                }
                if (name.isEmpty()) {
                    problems.add(Problem.of(ProblemCode.INVALID_VALUE, "a layer's name is empty").at(at.part("name")));
                }
            }
            if (depth < MOST_NESTED) {
                claimGiven(spec.layers(), at, depth + 1);
            }
        }
    }

    /** Returns the place in words, such as "layer layers/0/layers/1" for the second layer of a block that is the first. */
    private static String inWords(Place.OfLayer place) {
        return place.path().stream().map(number -> "layers/" + number).collect(Collectors.joining("/", "layer ", ""));
    }

    private List<Layer> layers(List<LayerSpec> specs, Place.OfLayer outside, int depth) {
        List<Layer> layers = new ArrayList<>();
        boolean whole = true;
        for (int i = 0; i < specs.size() && !problems.isFull(); i++) {
            int before = problems.total();
            Place.OfLayer at = outside.inner(i);
            Layer layer = layer(specs.get(i), at, depth);
            whole &= problems.total() == before && layer != null && !doubles.contains(at);
            if (whole && layer != null) {
                layers.add(layer);
            }
        }
        return layers;
    }

    private @Nullable Layer layer(LayerSpec spec, Place.OfLayer place, int depth) {
        LayerType type = type(spec, place);
        if (type == null) {
            return null;
        }
        String name = spec.name() == null ? names.next(type.name(), inWords(place)) : spec.name();
        String title = Layer.title(type.name(), name);
        if (type.isNested() == spec.layers().isEmpty()) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, title + (type.isNested() ? " has no layers" : " takes no layers"))
                    .node(name).at(place.part("layers")));
            return null;
        }
        if (depth >= MOST_NESTED && type.isNested()) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, title + " is nested too deep").node(name).at(place)
                    .expected("at most " + MOST_NESTED + " levels", "more"));
            return null;
        }
        List<Layer> inner = layers(spec.layers(), place, depth + 1);
        if (inner.size() < spec.layers().size()) {
            return null;
        }
        if (spec.initializer() != null) {
            Initializers.check(spec.initializer(), place.part("initializer"), problems);
        }
        try {
            return withOptions(spec, type, name, place, inner);
        } catch (ProblemException e) {
            e.problems().forEach(problem -> problems.add(located(problem, type, name, place)));
            return null;
        }
    }

    private @Nullable LayerType type(LayerSpec spec, Place.OfLayer place) {
        String given = spec.type();
        LayerType type = given == null ? null : LayerCatalogue.LAYERS.find(given);
        if (type == null) {
            problems.add(() -> (given == null
                    ? Problem.of(ProblemCode.UNKNOWN_OP, "the layer has no type").expected("one of " + LayerCatalogue.LAYERS.names(), null)
                    : LayerCatalogue.LAYERS.unknown(ProblemCode.UNKNOWN_OP, given)).node(spec.name()).at(place.part("type")));
        }
        return type;
    }

    private Layer withOptions(LayerSpec spec, LayerType type, String name, Place.OfLayer place, List<Layer> inner) {
        Map<String, Object> given = new LinkedHashMap<>(spec.options());
        List<Attribute> known = new ArrayList<>(type.options());
        OpDefinition function = null;
        if (type.isActivated() && given.get(Activation.OPTION) instanceof String chosen) {
            function = Activation.find(chosen);
            if (function == null) {
                problems.add(() -> Problem
                        .of(ProblemCode.UNKNOWN_OP, Layer.title(type.name(), name) + ": there is no activation '" + chosen + "'")
                        .node(name).at(place.part(Activation.OPTION)).expected("one of " + Activation.names(), chosen)
                        .hint(Nearest.hint(chosen, Activation.names()).orElse(null)));
                given.keySet().retainAll(known.stream().map(Attribute::name).toList());
            } else {
                known.addAll(function.attributes());
            }
        }
        Attributes options = new Attributes(Layer.title(type.name(), name), Wording.ATTRIBUTE, known, given);
        LayerType.Lowering lowering = type.prepare(options);
        Activation activation = function == null ? null : Activation.of(function, options, given.containsKey("axis"));
        return new Layer(name, type, place, lowering, activation, spec.initializer(), inner);
    }

    /** Turns a problem with an op that a layer uses into one with the layer. */
    static Problem located(Problem problem, LayerType type, String name, Place.OfLayer place) {
        String attribute = problem.attribute();
        return new Problem(problem.code(), titled(problem.message(), type.name(), name), name, null, attribute, null, null,
                attribute == null ? place : place.part(attribute), problem.expected(), problem.actual(), problem.hint(), null);
    }

    /** Returns the message with the layer's type and name at its beginning. */
    static String titled(String message, String type, String name) {
        String title = Layer.title(type, name);
        if (message.startsWith(title)) {
            return message;
        }
        boolean speaksOfIt = message.startsWith(type + " ") || message.startsWith(type + ":");
        return speaksOfIt ? title + message.substring(type.length()) : title + ": " + message;
    }
}
