package io.chainrule.core.picture;

import java.util.List;

/**
 * Where the parts of a circuit stand, and which way the wires go.
 *
 * @param corners the upper left corner of each part's box
 * @param forks where wires from the same part go different ways
 * @param ways for each wire the points that it goes through, from its part's box to the gate that reads it
 */
record Placement(List<Point> corners, List<List<Point>> ways, List<Point> forks, double width, double height) {
    record Point(double x, double y) {}
}
