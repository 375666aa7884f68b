package io.chainrule.core.picture;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/** Writes words into the frame of a plot, where no other stands; a word is left out where there is no place. */
final class PlotLabels {
    private final Xml xml;
    private final Palette palette;
    private final Rectangle2D frame;
    private final List<Rectangle2D> words = new ArrayList<>();
    private final List<Rectangle2D> drawn = new ArrayList<>();

    PlotLabels(Xml xml, Palette palette, Rectangle2D frame) {
        this.xml = xml;
        this.palette = palette;
        this.frame = frame;
    }

    /** Lets no number of a line stand on what is drawn there. */
    void keepFree(double left, double top, double width, double height) {
        drawn.add(new Rectangle2D.Double(left, top, width, height));
    }

    /** A word at the right of a place, or at the left where the frame ends or another word stands. */
    void beside(String word, double left, double distance, double baseline, double size) {
        double aside = distance + TextWidth.of(word, size) / 2;
        if (isFree(box(word, left + aside, baseline, size))) {
            write(word, left + aside, baseline, size);
        } else if (isFree(box(word, left - aside, baseline, size))) {
            write(word, left - aside, baseline, size);
        }
    }

    /** Writes a number if there is room, and says whether there was. */
    boolean onLine(String number, double middle, double baseline, double size) {
        Rectangle2D box = box(number, middle, baseline, size);
        boolean hasRoom = isFree(box) && drawn.stream().noneMatch(box::intersects);
        if (hasRoom) {
            write(number, middle, baseline, size);
        }
        return hasRoom;
    }

    private static Rectangle2D box(String word, double middle, double baseline, double size) {
        double width = TextWidth.of(word, size);
        return new Rectangle2D.Double(middle - width / 2, baseline - size * 0.8, width, size);
    }

    private boolean isFree(Rectangle2D box) {
        return frame.contains(box) && words.stream().noneMatch(box::intersects);
    }

    /** Writes a word with a rim of the ground's colour, so that lines do not hide it. */
    void write(String word, double middle, double baseline, double size) {
        words.add(box(word, middle, baseline, size));
        xml.line().open("text").attribute("class", "label").attribute("x", middle).attribute("y", baseline).attribute("font-size", size)
                .attribute("fill", palette.ink()).attribute("stroke", palette.ground()).attribute("stroke-width", 3)
                .attribute("stroke-linejoin", "bevel").attribute("paint-order", "stroke").attribute("text-anchor", "middle").text(word)
                .close();
    }
}
