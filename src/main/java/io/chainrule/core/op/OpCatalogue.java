package io.chainrule.core.op;

import io.chainrule.core.graph.Op;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Every op, by name and alias. */
public final class OpCatalogue {
    private static final Map<String, OpDefinition> BY_NAME = new LinkedHashMap<>();
    private static final Map<String, OpDefinition> BY_NAME_OR_ALIAS = new LinkedHashMap<>();

    static {
        for (List<OpDefinition> family : families()) {
            for (OpDefinition definition : family) {
                BY_NAME.put(definition.name(), definition);
                register(definition.name(), definition);
                definition.aliases().forEach(alias -> register(alias, definition));
            }
        }
    }

    private OpCatalogue() {}

    private static List<List<OpDefinition>> families() {
        return List.of(Constructors.ALL, Arithmetic.ALL, Exponentials.ALL, Trigonometry.ALL, SpecialFunctions.ALL, Comparisons.ALL,
                Activations.ALL, SmoothActivations.ALL, PiecewiseActivations.ALL, Reductions.ALL, Softmax.ALL, Shaping.ALL,
                Rearranging.ALL, Regions.ALL, Statistics.ALL, Gathering.ALL, Ordering.ALL, Scans.ALL, Indexing.ALL, Products.ALL,
                Contractions.ALL, Losses.ALL, ClassLosses.ALL, EmbeddingLosses.ALL, Normalizations.ALL, Dropout.ALL, Attention.ALL,
                Recurrence.ALL, LinearAlgebra.ALL, Decompositions.ALL, Convolutions.ALL, Pooling.ALL);
    }

    /** The op with this name or alias, or null. */
    public static @Nullable OpDefinition find(String nameOrAlias) {
        return BY_NAME_OR_ALIAS.get(nameOrAlias);
    }

    /** The definition of an op that is no leaf. */
    public static OpDefinition of(Op op) {
        return Objects.requireNonNull(find(op.name()), op.name());
    }

    /** Whether the op, as the catalogue defines it, has a trait; leaves have none. */
    public static boolean has(Op op, Trait trait) {
        OpDefinition definition = find(op.name());
        return definition != null && definition.has(trait);
    }

    /** Whether an op is no op of the catalogue, but a derivative, which is written as its circuit. */
    public static boolean isSlope(Op op) {
        return op.isGate() && find(op.name()) == null;
    }

    /** All definitions, family by family. */
    public static Collection<OpDefinition> all() {
        return Collections.unmodifiableCollection(BY_NAME.values());
    }

    /** Names and aliases. */
    public static Collection<String> names() {
        return Collections.unmodifiableSet(BY_NAME_OR_ALIAS.keySet());
    }

    private static void register(String name, OpDefinition definition) {
        if (BY_NAME_OR_ALIAS.put(name, definition) != null) {
            throw new IllegalStateException("two ops are called " + name);
        }
    }
}
