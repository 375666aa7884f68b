package io.chainrule.core.picture;

import io.chainrule.core.Outcome;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.network.LayerSummary;
import io.chainrule.core.network.LoweredNetwork;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A picture of a program that was run: each gate with the value on its wire, and the gradient below it. Needs the Eclipse Layout Kernel
 * (org.eclipse.elk.alg.layered) on the class path, and for PNG also JSVG (com.github.weisj:jsvg).
 */
public final class Picture {
    private static final Layering LAYERING = new ElkLayering();
    /** The layout's own objects for a part, and what is written of it. */
    private static final long BYTES_A_PART = 40_000;
    /** The layout of a wire that crosses so many layers takes as long as that of a part. */
    private static final int LAYERS_A_PART = 32;
    /** A pixel, and its share of the file. */
    public static final long BYTES_A_PIXEL = 8;

    private final Circuit circuit;
    private final Labels labels;

    private Picture(Circuit circuit, Labels labels) {
        this.circuit = circuit;
        this.labels = labels;
    }

    /** A picture of the nodes that the outcome's function lists, with their numbers, and of all others without. */
    public static Picture of(Outcome outcome, PictureOptions options) {
        Circuit circuit = Circuit.of(outcome, options);
        Labels labels = Labels.of(options);
        LoweredNetwork network = outcome.function().bound().network();
        Map<String, String> types = network == null
                ? Map.of()
                : network.layers().stream().collect(Collectors.toMap(LayerSummary::name, LayerSummary::type, (first, _) -> first));
        boolean areMany = circuit.parts().size() > Clustering.MANY || circuit.layersCrossed() > Clustering.DENSE;
        boolean isClustered = options.clusters() == ClusterForm.ALL
                || options.clusters() == ClusterForm.AUTO && (areMany || network != null);
        return new Picture(isClustered ? Clustering.of(circuit, types, labels) : circuit, labels);
    }

    /** How many steps the computation has: a value for each gate, then a gradient for each node. */
    public int steps() {
        return circuit.steps();
    }

    /** The picture as an SVG document. */
    public String svg() {
        return CircuitSvg.of(drawing(PictureLimits.NONE), labels);
    }

    /** The picture as a file. Throws {@link LimitException} where it costs more than the limits. */
    public byte[] write(PictureFormat format, PictureLimits limits) {
        checkParts(circuit.parts().size(), limits, "the picture has too many parts");
        return switch (format) {
            case SVG -> bytes(CircuitSvg.of(drawing(limits), labels));
            case PNG -> png(drawing(limits), limits);
            case DOT -> bytes(DotText.of(circuit, labels));
            case MERMAID -> bytes(MermaidText.of(circuit, labels));
            case TIKZ -> bytes(TikzText.of(drawing(limits), labels));
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Drawing drawing(PictureLimits limits) {
        int cost = Math.max(circuit.parts().size(), Math.ceilDiv(circuit.layersCrossed(), LAYERS_A_PART));
        checkParts(cost, limits, "the wires cross too many layers");
        limits.taken().accept(BYTES_A_PART * cost);
        return Drawing.of(circuit, labels, LAYERING, limits.checkpoint());
    }

    private void checkParts(int cost, PictureLimits limits, String why) {
        if (cost > limits.parts()) {
            String cure = labels.options().clusters() == ClusterForm.NONE
                    ? "with \"clusters\": \"auto\" statements are drawn as one part each"
                    : circuit.parts().size() > limits.parts()
                            ? "draw a part of the program, by \"output\""
                            : "the formats \"dot\" and \"mermaid\" are laid out elsewhere";
            throw new LimitException("picture-parts", cost, limits.parts()).withHint(why + ": " + cure);
        }
    }

    private byte[] png(Drawing drawing, PictureLimits limits) {
        double width = CircuitSvg.width(drawing);
        double height = CircuitSvg.height(drawing);
        long pixels = Raster.pixels(width, height, limits.pixels());
        if (pixels > limits.pixels()) {
            throw new LimitException("picture-pixels", pixels, limits.pixels())
                    .withHint("take the format \"svg\", which may be of any size, or draw fewer parts, by \"clusters\": \"all\" or by"
                            + " \"output\"; with fewer pixels it could not be read");
        }
        limits.taken().accept(BYTES_A_PIXEL * pixels);
        limits.checkpoint().check();
        return Raster.png(CircuitSvg.forRaster(drawing, labels), width, height, limits.pixels(),
                labels.options().theme().palette().ground());
    }
}
