package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.Catalogue;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The definition of a type of layer: its name, the axes of its input and output, its options and parameters, and how it is lowered. */
public final class LayerType implements Catalogue.Entry {
    /** Stands for any number of axes. */
    static final String MORE = "…";

    private final String name;
    private final List<String> axes;
    private final List<Parameters> parameters = new ArrayList<>();
    private List<String> output = List.of();
    private String description = "";
    private @Nullable String formula;
    private @Nullable String source;
    private List<Attribute> options = List.of();
    private LayerSpec exampleLayer = new LayerSpec(null, null, Map.of(), List.of(), null);
    private Tensor exampleInput = Tensor.scalar(0);
    private boolean activated;
    private boolean nested;
    private @Nullable Function<Attributes, Lowering> preparation;

    /** Appends a layer's nodes to the graph of its input and returns its output. */
    interface Lowering {
        Node lower(LayerScope scope, Node x);
    }

    /**
     * The description of a parameter or running statistic.
     *
     * @param shape lengths of its axes, in terms of the input's axes and of options
     * @param initial its initial value
     */
    public record Parameters(String name, String shape, String initial) {}

    private LayerType(String name, List<String> axes) {
        this.name = name;
        this.axes = axes;
    }

    /** {@code axes} are the axes of its input, the batch first. */
    static LayerType define(String name, String... axes) {
        return new LayerType(name, List.of(axes));
    }

    /** {@code axes} are the axes of its output. */
    LayerType gives(String... axes) {
        output = List.of(axes);
        return this;
    }

    LayerType describedAs(String text) {
        description = text;
        return this;
    }

    /** In LaTeX; x is its input, y its output. */
    LayerType formula(String latex) {
        formula = latex;
        return this;
    }

    LayerType source(String text) {
        source = text;
        return this;
    }

    LayerType options(Attribute... all) {
        options = List.of(all);
        return this;
    }

    /** A parameter whose initial values come from the initializer. */
    LayerType weight(String role, String shape) {
        return parameter(role, shape, "the initializer");
    }

    LayerType parameter(String role, String shape, String initial) {
        parameters.add(new Parameters(role, shape, initial));
        return this;
    }

    LayerType bias(String role, String shape) {
        return parameter(role, shape, "0");
    }

    /** The options and the input batch of an example. */
    LayerType example(Map<String, Object> of, Tensor input, LayerSpec... inner) {
        exampleLayer = new LayerSpec(name, null, of, List.of(inner), null);
        exampleInput = input;
        return this;
    }

    /** Its output may pass through an activation. */
    LayerType activated() {
        return activated(false);
    }

    LayerType activated(boolean required) {
        activated = true;
        options = Stream.concat(options.stream(), Stream.of(Activation.option(required))).toList();
        return this;
    }

    /** It has layers of its own. */
    LayerType nested() {
        nested = true;
        return this;
    }

    /** {@code prepare} checks the options and returns the lowering. The problems that it throws are reported as problems of the layer. */
    LayerType as(Function<Attributes, Lowering> prepare) {
        preparation = prepare;
        return this;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public @Nullable String formula() {
        return formula;
    }

    @Override
    public @Nullable String source() {
        return source;
    }

    /** The options of the layer. They include {@code activation}, if the layer may have one, but not the options of the activation. */
    @Override
    public List<Attribute> options() {
        return options;
    }

    /** The axes of its input. */
    public List<String> axes() {
        return axes;
    }

    /** The axes of its output. */
    public List<String> output() {
        return output;
    }

    /** The layer's parameters, without those of its activation. */
    public List<Parameters> parameters() {
        return List.copyOf(parameters);
    }

    @Override
    public Map<String, Object> example() {
        return exampleLayer.options();
    }

    LayerSpec exampleLayer() {
        return exampleLayer;
    }

    Tensor exampleInput() {
        return exampleInput;
    }

    boolean isActivated() {
        return activated;
    }

    public boolean isNested() {
        return nested;
    }

    Lowering prepare(Attributes given) {
        return Objects.requireNonNull(preparation).apply(given);
    }

    boolean takes(int rank) {
        return axes.contains(MORE) ? rank >= axes.size() - 1 : rank == axes.size();
    }
}
