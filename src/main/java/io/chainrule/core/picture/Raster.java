package io.chainrule.core.picture;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.DocumentLimits;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.parser.resources.ResourcePolicy;
import com.github.weisj.jsvg.renderer.NullPlatformSupport;
import com.github.weisj.jsvg.renderer.output.Output;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import javax.imageio.ImageIO;

/** An SVG as an image of pixels, with the fonts of the machine. */
final class Raster {
    /** Pixels for each unit of the SVG, where the limit allows it: sharp on screens of today. */
    private static final double SHARP = 2;
    /** With fewer pixels for each unit the numbers cannot be read. */
    private static final double LEGIBLE = 0.6;
    /** The parts of a picture are counted before it is drawn, and each has a few elements. */
    private static final DocumentLimits ELEMENTS = new DocumentLimits(DocumentLimits.DEFAULT_MAX_NESTING_DEPTH, 0, Integer.MAX_VALUE);
    private static final String IMAGE = "the picture";

    private Raster() {}

    /**
     * How many pixels a picture of this size has. Large pictures have fewer for each unit, and are more than the limit
     * where they could not be read with so few.
     */
    static long pixels(double width, double height, long most) {
        double scale = scale(width, height, most);
        return (long) Math.floor(width * scale) * (long) Math.floor(height * scale);
    }

    private static double scale(double width, double height, long most) {
        return Math.max(LEGIBLE, Math.min(SHARP, Math.sqrt(most / (width * height))));
    }

    /** The SVG as a PNG file, on a ground of this colour. It must be of this package's making: nothing that it could refer to is loaded. */
    static byte[] png(String svg, double width, double height, long most, String ground) {
        LoaderContext context = LoaderContext.builder().externalResourcePolicy(ResourcePolicy.DENY_ALL)
                .documentLimits(ELEMENTS).build();
        SVGDocument document = Objects.requireNonNull(
                new SVGLoader().load(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)), URI.create("picture:svg"), context),
                IMAGE);
        double scale = scale(width, height, most);
        BufferedImage image = new BufferedImage((int) Math.floor(width * scale), (int) Math.floor(height * scale),
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setColor(Color.decode(ground));
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            document.renderWithPlatform(NullPlatformSupport.INSTANCE, Output.createForGraphics(graphics),
                    new ViewBox(0, 0, image.getWidth(), image.getHeight()));
        } finally {
            graphics.dispose();
        }
        try (ByteArrayOutputStream file = new ByteArrayOutputStream()) {
            ImageIO.write(image, "png", file);
            return file.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
