package io.chainrule.core.picture;

import io.chainrule.core.picture.Placement.Point;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/** Writes words into the frame of a plot, where no other stands; a word is left out where there is no place. */
final class PlotLabels {
    /** One of so many points of a line is tried as the place of its number. */
    private static final int EVERY = 3;

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

    /**
     * Writes the number of a line beside a point of it, from the middle of its longest stretch on; {@code others} are points of other
     * lines.
     */
    void onLine(String number, List<List<Point>> line, List<Point> others, double size) {
        Point covering = null;
        for (List<Point> run : line) {
            for (int i = 0; i < run.size(); i += EVERY) {
                Point place = run.get((run.size() / 2 + i) % run.size());
                Rectangle2D box = box(" " + number + " ", place.x(), place.y() + 4, size);
                if (isFree(box) && drawn.stream().noneMatch(box::intersects)) {
                    if (others.stream().noneMatch(other -> box.contains(other.x(), other.y()))) {
                        write(number, place.x(), place.y() + 4, size);
                        return;
                    }
                    covering = covering == null ? place : covering;
                }
            }
        }
        if (covering != null) {
            write(number, covering.x(), covering.y() + 4, size);
        }
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
