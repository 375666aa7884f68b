package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A type of layer: what it is called, what arrives at it, what it can be told, and how it becomes nodes. */
final class LayerType {
    /** Stands for any number of axes. */
    static final String MORE = "…";

    private final String name;
    private final List<String> axes;
    private List<Attribute> options = List.of();
    private boolean activated;
    private boolean nested;
    private @Nullable Function<Attributes, Lowering> preparation;

    /** Appends a layer's nodes to the graph of its input and answers its output. */
    interface Lowering {
        Node lower(LayerScope scope, Node x);
    }

    private LayerType(String name, List<String> axes) {
        this.name = name;
        this.axes = axes;
    }

    /** {@code axes} are what its input has, the batch first. */
    static LayerType define(String name, String... axes) {
        return new LayerType(name, List.of(axes));
    }

    LayerType options(Attribute... all) {
        options = List.of(all);
        return this;
    }

    /** Its output may pass through an activation. */
    LayerType activated() {
        activated = true;
        return this;
    }

    /** It has layers of its own. */
    LayerType nested() {
        nested = true;
        return this;
    }

    /** {@code prepare} checks the options; the problems that it throws are those of the layer. */
    LayerType as(Function<Attributes, Lowering> prepare) {
        preparation = prepare;
        return this;
    }

    String name() {
        return name;
    }

    List<String> axes() {
        return axes;
    }

    List<Attribute> options() {
        return options;
    }

    boolean isActivated() {
        return activated;
    }

    boolean isNested() {
        return nested;
    }

    Lowering prepare(Attributes given) {
        return Objects.requireNonNull(preparation).apply(given);
    }

    boolean takes(int rank) {
        return axes.contains(MORE) ? rank >= axes.size() - 1 : rank == axes.size();
    }
}
